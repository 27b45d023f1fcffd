/** PCs that wait to be let in, as rows: a hundred real ones would not make the pages any truer. The rows are as the gateway writes them. */

import { startProof } from '@harp/broker/protocol';
import type { Server } from '../harness/fleet.ts';
import { openDatabase, sql } from '../harness/server-parts.ts';
import type { Stage } from './fixtures.ts';

/** A PC. `code`: what it shows, if a neighbour sent it here. */
export interface WaitingPc {
  name: string;
  code?: string;
  office?: 'north' | 'south';
  address?: string;
  hardware?: string;
  duplicateOf?: string;
  token?: string;
  state?: string;
  cause?: string;
  minutesAgo?: number;
}

const letters = 'abcdefghijklmnopqrstuvwxyz234567';
/** An id that no other PC of a test has. */
const idOf = (name: string, chars: number) =>
  Array.from({ length: chars }, (_, place) => letters[(name.charCodeAt(place % name.length) + 7 * place) % 32]).join(
    '',
  );
export const requestId = (name: string): string => `enr-${idOf(name, 16)}`;

/** Takes everything away that tests of enrolment made, and puts these PCs in its place. */
export async function pcsWait(server: Server, pcs: readonly WaitingPc[]): Promise<void> {
  const offices = (await server.api('/offices')) as { offices: { id: string; name: string }[] };
  const { fingerprint } = (await server.api('/enrolments/server')) as { fingerprint: string };
  const database = await openDatabase(server);
  try {
    for (const table of ['EnrolmentRequest', 'EnrolmentRule', 'EnrolmentBlock'])
      await database.query(`DELETE FROM "${table}"`);
    for (const pc of pcs) {
      const { name, code, office, address = '10.9.0.7', hardware = null, token = null, state = 'waiting' } = pc;
      const agent = idOf(name, 52);
      const proof =
        code === undefined ? null : (await startProof(code, { rootFingerprint: fingerprint, agentId: agent })).message;
      const officeId = offices.offices.find((each) => each.name === office)?.id ?? 'off-unassigned';
      const cause = pc.cause ?? (code === undefined ? 'enrolment.approval_needed' : 'enrolment.code_needed');
      await database.query(
        `INSERT INTO "EnrolmentRequest" ("id", "agentId", "csr", "hostname", "platform", "version", "hardwareId", "serial", "userName", "domain",
           "addresses", "seenAddress", "via", "tokenId", "state", "cause", "officeId", "officeBy", "officeWhy", "duplicateOf", "ticketHash",
           "proofMessage", "createdAt", "lastSeenAt")
         VALUES ($1, $2, 'none', $3, 'linux', '0.1.0', $4, 'SN-' || $3, 'marie', 'example.lan', ARRAY[$5], $5, $6, $7, $8, $9, $10, $11, $12, $13, 'x',
           $14, now() AT TIME ZONE 'UTC' - make_interval(mins => $15), now() AT TIME ZONE 'UTC')`,
        [
          ...[requestId(name), agent, name, hardware, address, code === undefined ? 'file' : 'neighbour', token],
          ...[
            state,
            cause,
            officeId,
            office === undefined ? 'none' : 'subnet',
            office === undefined ? null : '10.9.0.0/16',
          ],
          ...[pc.duplicateOf ?? null, proof, pc.minutesAgo ?? 5],
        ],
      );
    }
    await database.query(`SELECT pg_notify('harp_enrolment', '')`);
  } finally {
    await database.end();
  }
}

/** The row of a PC now. */
export async function rowOf(stage: Stage, name: string): Promise<Record<string, unknown>> {
  const [row] = await sql(stage.world.server, 'SELECT * FROM "EnrolmentRequest" WHERE "hostname" = $1', [name]);
  if (row === undefined) throw new Error(`${name} does not ask to be let in`);
  return row as Record<string, unknown>;
}
