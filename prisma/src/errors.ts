/** Every code of a {@link DatabaseError}. Append only: the supervisor and people's scripts branch on them. */
export const databaseErrorCodes = {
  'database.binaries_missing': 'PostgreSQL for this platform is not installed',
  'database.account': 'PostgreSQL cannot be run from this account',
  'database.start_failed': 'PostgreSQL did not start',
  'database.stop_failed': 'PostgreSQL did not stop',
  'database.in_use': 'Another Harp uses this data folder',
  'database.data_unusable': 'The data folder does not fit this Harp',
  'database.unreachable': 'The database does not answer',
  'database.newer': 'The database was written by a newer Harp',
  'database.migration_failed': 'A database migration failed',
} as const;

export type DatabaseErrorCode = keyof typeof databaseErrorCodes;

/**
 * What can go wrong between Harp and its database. The package's own error type, because @harp/broker, where HarpError
 * lives, depends on this package. Branch on `code`, never on text; `facts` may be shown and logged and hold no secret.
 */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: DatabaseErrorCode;
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(
    code: DatabaseErrorCode,
    message: string,
    options: { cause?: unknown; facts?: Record<string, string | number> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.facts = options.facts ?? {};
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The code of a system or PostgreSQL error (`ENOENT`, `28P01`), if it has one. */
export function systemCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
