/** The fleet as the publisher needs it, from the database. */
import type { AgentId, FolderId, OfficeId, OriginGrant } from '@harp/broker/protocol';
import {
  defaultOfficePolicy,
  OfficePolicy,
  OriginGrant as OriginGrantSchema,
  PeerAddress,
} from '@harp/broker/protocol';
import type { Folder, Nextcloud, PrismaClient } from '@harp/prisma';
import { z } from 'zod';
import type { Secrets } from '../keys/secrets.ts';
import { trimPath } from '../nextcloud/paths.ts';
import type { FleetOffice } from './desired.ts';

/** A folder in an office with all that its share depends on. */
export interface Assignment {
  folderId: FolderId;
  officeId: OfficeId;
  officeName: string;
  nextcloudId: string;
  /** From the user's root, without leading slash. */
  path: string;
  /** Changes when the share must be looked at again: another server, account, password or path. */
  source: string;
  share: { id: string; password: string | undefined } | undefined;
}

export interface Fleet {
  offices: FleetOffice[];
  assignments: Assignment[];
  folderIds: ReadonlySet<FolderId>;
}

const Addresses = z.array(PeerAddress).max(16);

/** Reads it all at one moment. `addressesOf` knows more recent addresses than the database, or undefined. */
export async function loadFleet(
  prisma: PrismaClient,
  secrets: Pick<Secrets, 'open'>,
  addressesOf: (agent: AgentId) => readonly string[] | undefined,
): Promise<Fleet> {
  const [offices, agents, folders, rows] = await prisma.$transaction(
    [
      prisma.office.findMany({ select: { id: true, name: true, policy: true } }),
      prisma.$queryRaw<AgentRow[]>`
        SELECT "id", "officeId", "desiredRevision", "desiredDigest", "reported" -> 'addresses' AS "addresses"
        FROM "Agent" WHERE "revokedAt" IS NULL`,
      prisma.folder.findMany({ select: { id: true } }),
      prisma.folderOffice.findMany({
        include: { office: { select: { name: true } }, folder: { include: { nextcloud: true } } },
      }),
    ],
    { isolationLevel: 'RepeatableRead' },
  );
  const agentsOf = groupBy(agents, ({ officeId }) => officeId);
  const rowsOf = groupBy(rows, ({ officeId }) => officeId);
  return {
    offices: offices.map((office) => ({
      id: office.id as OfficeId,
      name: office.name,
      policy: OfficePolicy.safeParse(office.policy ?? {}).data ?? defaultOfficePolicy,
      agents: (agentsOf.get(office.id) ?? []).map((agent) => ({
        id: agent.id as AgentId,
        desiredRevision: agent.desiredRevision,
        desiredDigest: agent.desiredDigest,
        addresses: addressesOf(agent.id as AgentId) ?? Addresses.safeParse(agent.addresses).data ?? [],
      })),
      folders: (rowsOf.get(office.id) ?? []).map((row) => ({
        id: row.folderId as FolderId,
        name: row.folder.name,
        origin: grantOf(row, secrets),
      })),
    })),
    assignments: rows.map((row) => ({
      folderId: row.folderId as FolderId,
      officeId: row.officeId as OfficeId,
      officeName: row.office.name,
      nextcloudId: row.folder.nextcloudId,
      path: trimPath(row.folder.path),
      source: sourceOf(row.folder),
      share:
        row.shareId === null || row.tokenSealed === null
          ? undefined
          : { id: row.shareId, password: openIfThere(row.passwordSealed, 'passwordSealed', row, secrets) },
    })),
    folderIds: new Set(folders.map(({ id }) => id as FolderId)),
  };
}

interface AgentRow {
  id: string;
  officeId: string;
  desiredRevision: number;
  desiredDigest: string;
  addresses: unknown;
}

interface ShareRow {
  folderId: string;
  officeId: string;
  tokenSealed: string | null;
  passwordSealed: string | null;
  dialect: string | null;
  folder: { nextcloud: { url: string; caPem: string | null } };
}

function sourceOf({ path, nextcloud }: Folder & { nextcloud: Nextcloud }): string {
  const { url, userName, passwordSealed, caPem } = nextcloud;
  return JSON.stringify([trimPath(path), url, userName, passwordSealed, caPem]);
}

/** Where an assignment's secrets stand. */
export function sharePlace(row: { folderId: string; officeId: string }, column: 'tokenSealed' | 'passwordSealed') {
  return { table: 'FolderOffice', column, id: `${row.folderId}/${row.officeId}` };
}

function grantOf(row: ShareRow, secrets: Pick<Secrets, 'open'>): OriginGrant | null {
  const token = openIfThere(row.tokenSealed, 'tokenSealed', row, secrets);
  if (token === undefined) return null;
  const password = openIfThere(row.passwordSealed, 'passwordSealed', row, secrets);
  const { url, caPem } = row.folder.nextcloud;
  const grant = OriginGrantSchema.safeParse({
    kind: 'nextcloud-share',
    url: url.replace(/\/+$/, ''),
    dialect: row.dialect,
    token,
    ...(password === undefined ? {} : { password }),
    ...(caPem === null ? {} : { caPem }),
  });
  return grant.data ?? null;
}

function openIfThere(
  sealed: string | null,
  column: 'tokenSealed' | 'passwordSealed',
  row: { folderId: string; officeId: string },
  secrets: Pick<Secrets, 'open'>,
): string | undefined {
  return sealed === null ? undefined : secrets.open(sharePlace(row, column), sealed);
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
