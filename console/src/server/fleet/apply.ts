/**
 * Makes the fleet what a document declares: compare, change in one transaction, tell everybody. Applying the same document twice changes nothing.
 * The only writer of Nextcloud and Office rows; Folder and FolderOffice rows are removed by the content side, which owns what hangs on them.
 */
import { GENESIS_LINK, UNASSIGNED_OFFICE } from '@harp/broker/protocol';
import type { Prisma } from '@harp/prisma';
import { fleetProblems } from '../../api/fleet-rules.ts';
import type { FleetDocument, FleetResult } from '../../api/schemas.ts';
import type { Changes } from '../audit/request-audit.ts';
import { newId } from '../auth/secrets.ts';
import type { SealedPlace, Secrets } from '../keys/secrets.ts';
import type { Clock, RandomBytes } from '../ports.ts';
import { type FleetPlan, type FleetState, type FleetStep, planFleet } from './plan.ts';
import { type FleetIds, recordSteps } from './recorded.ts';
import { refuse } from './refusal.ts';

type Transaction = Prisma.TransactionClient;

export interface FleetPorts {
  clock: Clock;
  randomBytes: RandomBytes;
  secrets: Secrets;
  /** Takes rows away together with everything that hangs on them, shares in Nextcloud included. */
  removal: {
    detachOffice(transaction: Transaction, folderId: string, officeId: string): Promise<unknown>;
    deleteFolder(transaction: Transaction, folderId: string): Promise<unknown>;
  };
}

export interface Fleet {
  /**
   * `changes` writes each changed object into the audit log, in the same transaction.
   *
   * @throws {ProblemsError} `fleet.invalid` if the document contradicts itself, `fleet.conflict` if something would have to change that cannot
   */
  apply(document: FleetDocument, options: { dryRun: boolean; prune: boolean }, changes: Changes): Promise<FleetResult>;
}

/** Ten thousand offices at once take seconds, not minutes. */
const TRANSACTION_MS = 60_000;
/** Any number that no other advisory lock of this database uses: two applies at once would read the same state. */
const APPLY_LOCK = 0x4861_7270;

export function createFleet(ports: FleetPorts): Fleet {
  return {
    async apply(document, { dryRun, prune }, changes) {
      refuse('fleet.invalid', fleetProblems(document));
      const plan = await changes.change(
        async (transaction, record) => {
          await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${APPLY_LOCK}::bigint)`;
          const state = await readState(transaction, ports);
          const planned = planFleet(document, state, { prune });
          if (dryRun || planned.steps.length === 0) record.nothing();
          else recordSteps(planned, state, await carryOut(planned, state, transaction, ports), record);
          return planned;
        },
        { timeout: TRANSACTION_MS, maxWait: TRANSACTION_MS },
      );
      return { changes: plan.changes, unlisted: plan.unlisted };
    },
  };
}

function passwordPlace(id: string): SealedPlace {
  return { table: 'Nextcloud', column: 'passwordSealed', id };
}

async function readState(transaction: Transaction, { secrets }: FleetPorts): Promise<FleetState> {
  const nextclouds = await transaction.nextcloud.findMany({ orderBy: { name: 'asc' } });
  const offices = await transaction.office.findMany({
    // No document declares it, and none takes it away.
    where: { id: { not: UNASSIGNED_OFFICE } },
    orderBy: { name: 'asc' },
    select: {
      id: true,
      name: true,
      subnets: true,
      region: true,
      timeZone: true,
      _count: { select: { agents: { where: { revokedAt: null } } } },
    },
  });
  const folders = await transaction.folder.findMany({
    orderBy: { name: 'asc' },
    select: {
      id: true,
      name: true,
      path: true,
      nextcloud: { select: { name: true } },
      offices: { select: { office: { select: { name: true } } } },
    },
  });
  const open = (id: string, sealed: string): string | undefined => {
    try {
      return secrets.open(passwordPlace(id), sealed);
    } catch {
      // Sealed with a master key that is gone: the document's password then replaces it.
      return undefined;
    }
  };
  return {
    nextclouds: nextclouds.map(({ id, name, url, userName, passwordSealed, caPem }) => ({
      id,
      name,
      url,
      user: userName,
      password: open(id, passwordSealed),
      caPem,
    })),
    offices: offices.map(({ _count, ...office }) => ({ ...office, agents: _count.agents })),
    folders: folders.map((folder) => ({
      ...folder,
      nextcloud: folder.nextcloud.name,
      offices: folder.offices.map(({ office }) => office.name),
    })),
  };
}

async function carryOut(
  plan: FleetPlan,
  state: FleetState,
  transaction: Transaction,
  ports: FleetPorts,
): Promise<FleetIds> {
  const { clock, randomBytes, secrets } = ports;
  const createdAt = new Date(clock.nowMs());
  const steps = <D extends FleetStep['do']>(name: D) =>
    plan.steps.filter((step): step is Extract<FleetStep, { do: D }> => step.do === name);
  const withIds = <T extends { name: string }>(
    existing: readonly { id: string; name: string }[],
    made: T[],
    prefix: string,
  ) => {
    const created = made.map((item) => ({ ...item, id: newId(prefix, randomBytes) }));
    const ids = new Map([...existing, ...created].map(({ name, id }) => [name, id]));
    return { created, idOf: (name: string) => ids.get(name)! };
  };
  const nextclouds = withIds(
    state.nextclouds,
    steps('create-nextcloud').map(({ nextcloud }) => nextcloud),
    'nxc-',
  );
  const offices = withIds(
    state.offices,
    steps('create-office').map(({ office }) => office),
    'off-',
  );
  const folders = withIds(
    state.folders,
    steps('create-folder').map(({ folder }) => folder),
    'fld-',
  );

  const connectionOf = (id: string, { url, user, password, caPem }: FleetDocument['nextclouds'][number]) => ({
    url,
    userName: user,
    passwordSealed: secrets.seal(passwordPlace(id), password),
    caPem: caPem ?? null,
  });
  await transaction.nextcloud.createMany({
    data: nextclouds.created.map(({ id, name, ...rest }) => ({
      id,
      name,
      createdAt,
      ...connectionOf(id, { name, ...rest }),
    })),
  });
  for (const { id, nextcloud } of steps('update-nextcloud')) {
    // What was found out about the old values says nothing of the new ones; clearing the error is what makes the content side try again.
    const unknown = { davUser: null, errorCode: null, errorDetail: null };
    await transaction.nextcloud.update({ where: { id }, data: { ...connectionOf(id, nextcloud), ...unknown } });
  }
  await transaction.office.createMany({
    data: offices.created.map(({ id, name, ...rest }) => ({ id, name, createdAt, ...placeOf(rest) })),
  });
  for (const { id, office } of steps('update-office'))
    await transaction.office.update({ where: { id }, data: placeOf(office) });
  await transaction.folder.createMany({
    data: folders.created.map(({ id, name, nextcloud, path }) => ({
      id,
      name,
      path,
      nextcloudId: nextclouds.idOf(nextcloud),
      link: GENESIS_LINK,
      createdAt,
    })),
  });
  await transaction.folderOffice.createMany({
    data: steps('assign').map(({ folder, office }) => ({
      folderId: folders.idOf(folder),
      officeId: offices.idOf(office),
      createdAt,
    })),
  });
  await remove(steps, folders.idOf, offices.idOf, transaction, ports);
  // Sent when the transaction commits.
  await transaction.$executeRaw`SELECT pg_notify('harp_fleet', '')`;
  return { nextcloud: nextclouds.idOf, office: offices.idOf, folder: folders.idOf };
}

/** What is declared of an office besides its name; what is left out is taken away. */
function placeOf({ subnets, region, timeZone }: Omit<FleetDocument['offices'][number], 'name'>) {
  return { subnets, region: region ?? null, timeZone: timeZone ?? null };
}

async function remove(
  steps: <D extends FleetStep['do']>(name: D) => Extract<FleetStep, { do: D }>[],
  folderId: (name: string) => string,
  officeId: (name: string) => string,
  transaction: Transaction,
  { removal }: FleetPorts,
): Promise<void> {
  for (const { folder, office } of steps('unassign'))
    await removal.detachOffice(transaction, folderId(folder), officeId(office));
  for (const { id } of steps('delete-folder')) await removal.deleteFolder(transaction, id);
  const officeIds = steps('delete-office').map(({ id }) => id);
  if (officeIds.length > 0) {
    const ofOffice = { where: { officeId: { in: officeIds } } };
    await transaction.enrolmentToken.deleteMany(ofOffice);
    // Revoked ones: planFleet refuses to remove an office that has others.
    await transaction.agent.deleteMany(ofOffice);
    await transaction.office.deleteMany({ where: { id: { in: officeIds } } });
  }
  const nextcloudIds = steps('delete-nextcloud').map(({ id }) => id);
  if (nextcloudIds.length > 0) await transaction.nextcloud.deleteMany({ where: { id: { in: nextcloudIds } } });
}
