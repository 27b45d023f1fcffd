import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';
import { type DatabaseLogger, silentLogger } from './logger.ts';

/** Connections one process may hold: broker, console and their tools together stay below the embedded server's 60. */
const defaultPoolSize = 10;

/**
 * A Prisma client on `url` with at most `poolSize` connections (10), opened as they are needed.
 *
 * A server that goes away makes queries fail, never the process; later queries connect again. The caller ends the client
 * with `$disconnect()`.
 */
export function createPrisma(url: string, options: { poolSize?: number; logger?: DatabaseLogger } = {}): PrismaClient {
  const logger = options.logger ?? silentLogger;
  const adapter = new PrismaPg(
    { connectionString: url, max: options.poolSize ?? defaultPoolSize, connectionTimeoutMillis: 10_000 },
    {
      onPoolError: (error) => logger.warn({ error: error.message }, 'an idle database connection was lost'),
      onConnectionError: (error) => logger.warn({ error: error.message }, 'a database connection was lost'),
    },
  );
  return new PrismaClient({ adapter });
}
