import type { Prisma, PrismaClient } from '@harp/prisma';

/** What the broker changed by itself, as the console's audit log takes it over. */
export interface BrokerChange {
  action: 'agent.enrol' | 'agent.reenrol' | 'agent.move' | 'rule.pause' | 'authority.rotate' | 'authority.issue-broker';
  object: { kind: 'agent' | 'enrolment-rule' | 'server'; id: string; name: string };
  office: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** Leaves `change` for the audit log, in the transaction of the change: both happen or neither. */
export async function leaveForAudit(tx: Prisma.TransactionClient, change: BrokerChange): Promise<void> {
  await tx.auditOutbox.create({ data: { change: change as unknown as Prisma.InputJsonObject } });
  // Heard when the transaction is committed.
  await tx.$executeRaw`SELECT pg_notify('harp_audit_outbox', '')`;
}

/** The same for a change that is none of the database's: of a certificate authority, say, whose files have changed when this is called. */
export async function leaveAloneForAudit(prisma: PrismaClient, change: BrokerChange): Promise<void> {
  await prisma.$transaction((tx) => leaveForAudit(tx, change));
}
