/** What a person does in the console about PCs that wait, through the API. */

import { parseToken } from '@harp/broker/protocol';
import { z } from 'zod';
import { DecisionResult, EnrolmentPage, type EnrolmentSummary } from '../../console/src/api/schemas.ts';
import type { Server } from './fleet.ts';
import { until } from './process.ts';

/** The newest request of the PC with this host name. */
export async function requestOf(server: Server, hostname: string): Promise<EnrolmentSummary | undefined> {
  const { enrolments } = EnrolmentPage.parse(await server.api('/enrolments?limit=1000'));
  return enrolments.find((row) => row.hostname === hostname);
}

/** Waits until a PC's request stands as wanted. */
export function requestThat(
  server: Server,
  hostname: string,
  holds: (row: EnrolmentSummary) => boolean,
): Promise<EnrolmentSummary> {
  return until(
    `the request of ${hostname} is as wanted`,
    async () => {
      const row = await requestOf(server, hostname);
      return row !== undefined && holds(row) ? row : undefined;
    },
    60_000,
    200,
  );
}

/** Decides of one PC. */
export async function decideOf(
  server: Server,
  row: Pick<EnrolmentSummary, 'id'>,
  decision: 'approve' | 'reject' | 'block',
  more: { code?: string; officeId?: string } = {},
): Promise<DecisionResult> {
  return DecisionResult.parse(
    await server.api('/enrolments/decide', { method: 'POST', body: { ids: [row.id], decision, ...more } }),
  );
}

/** A token through the API, with everything it can have. */
export async function makeToken(server: Server, wish: object): Promise<{ id: string; token: string }> {
  return z
    .object({ id: z.string(), token: z.string() })
    .parse(await server.api('/tokens', { method: 'POST', body: wish }));
}

/** The fingerprint that tokens of this server name. */
export async function rootOf(server: Server): Promise<string> {
  return parseToken((await makeToken(server, { uses: 1 })).token).f;
}
