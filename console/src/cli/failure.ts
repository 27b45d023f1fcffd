/** Failures as the command line tells them. */
import { type ErrorCode, HarpError } from '@harp/broker/protocol';
import { type ExitStatus, exitStatus } from './ports.ts';

/** A failure with everything that is to be said of it: `lines` for people, `code` and `problems` for scripts. */
export class CliFailure extends Error {
  readonly code: ErrorCode;
  readonly lines: readonly string[];
  readonly status: ExitStatus;
  readonly problems: readonly object[] | undefined;

  constructor(
    code: ErrorCode,
    lines: readonly string[],
    options: { status?: ExitStatus; problems?: readonly object[]; cause?: unknown } = {},
  ) {
    super(lines.join('\n'), { cause: options.cause });
    this.code = code;
    this.lines = lines;
    this.status = options.status ?? exitStatus.failed;
    this.problems = options.problems;
  }
}

/** The command line itself is wrong. */
export function usageFailure(line: string): CliFailure {
  return new CliFailure('api.invalid', [line], { status: exitStatus.usage });
}

/** Whatever was thrown, as a failure to tell. */
export function failureOf(error: unknown): CliFailure {
  if (error instanceof CliFailure) return error;
  if (error instanceof HarpError) return new CliFailure(error.code, [error.message], { cause: error });
  const message = error instanceof Error ? error.message : String(error);
  return new CliFailure('internal.unexpected', [message], { cause: error });
}
