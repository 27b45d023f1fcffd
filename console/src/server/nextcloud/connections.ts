/** The Nextclouds of the database as open connections: one client, one gate and one set of limits each; what goes wrong is written on the row. */
import { type ErrorCode, errorCodes, HarpError, isHarpError } from '@harp/broker/protocol';
import type { Nextcloud, PrismaClient } from '@harp/prisma';
import type { Secrets } from '../keys/secrets.ts';
import type { Clock, Logger } from '../ports.ts';
import type { NextcloudClient } from './client.ts';
import { createNextcloudClient } from './client.ts';
import { createConnectionGate } from './gate.ts';
import type { Connection } from './transport.ts';
import { createTransport } from './transport.ts';

/** A Nextcloud that can be asked. */
export interface OpenConnection {
  id: string;
  client: NextcloudClient;
  /** For worker threads, which open transports of their own. */
  connection: Connection;
  davUser: string;
}

export interface Connections {
  /**
   * Runs `task` with the connection of `nextcloudId`, opened if need be, and writes on its row whether it works. A row with new credentials gets a
   * new client; a credential that was refused is not used again before that, not even after a restart.
   *
   * @throws {HarpError} `api.not_found` if there is no such row; what keeps the connection closed; what `task` throws.
   */
  use<T>(nextcloudId: string, task: (open: OpenConnection) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Known {
  /** What the client was made from. */
  fingerprint: string;
  client: NextcloudClient;
  connection: Connection;
  /** Settles once the server was asked who we are. */
  davUser: Promise<string> | undefined;
}

/** The columns a client is made from. */
function fingerprintOf({ url, userName, passwordSealed, caPem }: Nextcloud): string {
  return JSON.stringify([url, userName, passwordSealed, caPem]);
}

export function createConnections(deps: {
  prisma: PrismaClient;
  secrets: Pick<Secrets, 'open'>;
  clock: Clock;
  logger: Logger;
  userAgent: string;
  /** Milliseconds between two tries while a server is in maintenance. */
  maintenancePauseMs: number;
  /** Called when a row's version or error changed. */
  onChange(): void;
}): Connections {
  const { prisma, secrets, clock, logger } = deps;
  const known = new Map<string, Known>();

  const open = (row: Nextcloud): Known => {
    const fingerprint = fingerprintOf(row);
    const present = known.get(row.id);
    if (present?.fingerprint === fingerprint) return present;
    const connection: Connection = {
      url: row.url,
      userName: row.userName,
      password: secrets.open({ table: 'Nextcloud', column: 'passwordSealed', id: row.id }, row.passwordSealed),
      caPem: row.caPem ?? undefined,
      userAgent: deps.userAgent,
    };
    const past = present === undefined ? pastFailure(row) : undefined;
    const gate = createConnectionGate({ past, maintenancePauseMs: deps.maintenancePauseMs });
    const client = createNextcloudClient({ transport: createTransport(connection), gate, clock });
    const made: Known = { fingerprint, client, connection, davUser: undefined };
    known.set(row.id, made);
    if (present !== undefined) void present.client.close();
    return made;
  };

  /** Asks the server once per client who it is and who we are. */
  const identify = (row: Nextcloud, of: Known): Promise<string> => {
    of.davUser ??= (async () => {
      const { version } = await of.client.status();
      const davUser = await of.client.currentUser();
      await prisma.nextcloud.update({ where: { id: row.id }, data: { davUser, version } });
      return davUser;
    })();
    of.davUser.catch(() => {
      of.davUser = undefined;
    });
    return of.davUser;
  };

  const record = async (row: Nextcloud, error: HarpError | undefined): Promise<void> => {
    const [code, detail] = error === undefined ? [null, null] : [error.code, error.message.slice(0, 500)];
    // A closed gate repeats its failure: the first one's time must stay, for it says when the block began.
    if (row.errorCode === code && row.errorDetail === detail) return;
    const where = { id: row.id, passwordSealed: row.passwordSealed };
    const data = { errorCode: code, errorDetail: detail, checkedAt: new Date(clock.nowMs()) };
    const { count } = await prisma.nextcloud.updateMany({ where, data });
    if (count === 0) return;
    if (error !== undefined) logger.warn({ nextcloud: row.name, code, detail }, 'a Nextcloud does not work');
    else logger.info({ nextcloud: row.name }, 'a Nextcloud works');
    deps.onChange();
  };

  return {
    async use(nextcloudId, task) {
      const row = await prisma.nextcloud.findUnique({ where: { id: nextcloudId } });
      if (row === null) throw new HarpError('api.not_found', 'this Nextcloud is no longer there');
      try {
        const of = open(row);
        const davUser = await identify(row, of);
        const result = await task({ id: row.id, client: of.client, connection: of.connection, davUser });
        await record(row, undefined);
        return result;
      } catch (error) {
        if (isHarpError(error) && isAboutConnection(error.code)) await record(row, error);
        throw error;
      }
    },
    async close() {
      await Promise.all([...known.values()].map(({ client }) => client.close()));
      known.clear();
    },
  };
}

function isAboutConnection(code: ErrorCode): boolean {
  return (
    code === 'origin.unauthorised' ||
    code === 'origin.throttled' ||
    code === 'origin.maintenance' ||
    code === 'origin.unreachable'
  );
}

/** What stopped a connection before this process started. */
function pastFailure(row: Nextcloud): { error: HarpError; atMs: number } | undefined {
  if (row.errorCode === null || !Object.hasOwn(errorCodes, row.errorCode)) return undefined;
  const error = new HarpError(row.errorCode as ErrorCode, row.errorDetail ?? 'it failed before');
  return { error, atMs: row.checkedAt?.getTime() ?? 0 };
}
