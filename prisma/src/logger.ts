/** What this package needs of a logger; a pino logger is one. */
export interface DatabaseLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/** Says nothing. */
export const silentLogger: DatabaseLogger = { info() {}, warn() {} };
