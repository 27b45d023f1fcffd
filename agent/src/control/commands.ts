import { AnyCommand, Command } from '@harp/broker/protocol';
import type { Logger } from '../ports.ts';
import { parseJson } from '../state/json.ts';

/** Reads what the console asks. Undefined, and said in the log, if it cannot be read or is of a kind that a newer console knows. */
export function readCommand(payload: Buffer, log: Logger): Command | undefined {
  const value = parseJson(payload.toString('utf8'));
  const command = Command.safeParse(value);
  if (command.success) return command.data;
  const unknown = AnyCommand.safeParse(value);
  if (unknown.success && !knownKinds.has(unknown.data.kind)) {
    log.info({ kind: unknown.data.kind }, 'a command that this version does not know was ignored');
  } else {
    log.warn({}, 'a command that cannot be read was dropped');
  }
  return undefined;
}

const knownKinds = new Set<string>(Command.options.map(({ shape }) => shape.kind.value));
