// Everything the rest of Harp may know of the database: open it, migrate it, query it, hear of changes. No business rules.
// Called by the supervisor (open, migrate) and by the stores of broker and console (client, notifier).
export { createPrisma } from './client.ts';
export { type Database, type OpenDatabaseOptions, openDatabase } from './database.ts';
export { DatabaseError, type DatabaseErrorCode, databaseErrorCodes } from './errors.ts';
export type * from './generated/client.ts';
export { Prisma, PrismaClient } from './generated/client.ts';
export type { DatabaseLogger } from './logger.ts';
export { applyMigrations } from './migrations/apply.ts';
export { createNotifier, type Notifier, type NotifierOptions } from './notifier.ts';
