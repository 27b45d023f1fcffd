import { readFile } from 'node:fs/promises';
import { HarpError } from '@harp/broker/protocol';
import { enrol } from '../enrol/enrol.ts';
import type { Clock } from '../ports.ts';
import { diskError } from '../state/atomic-file.ts';
import { stateLayout } from '../state/layout.ts';
import { AGENT_VERSION } from '../version.ts';
import { exitCode } from './explain.ts';
import type { Commands, EnrolOptions, Terminal } from './program.ts';

/** Long enough for a slow line and a busy server, short enough for the person who waits. */
const ENROL_TIMEOUT_MS = 60_000;

export interface EnrolWorld {
  clock: Clock;
  /** What the console shows as this computer's name. */
  hostname: string;
  /** HARP_TOKEN. */
  environmentToken: string | undefined;
  readStdin: () => Promise<string>;
}

/** `harp-agent enrol`. */
export function enrolCommand(terminal: Terminal, world: EnrolWorld): Commands['enrol'] {
  const { clock, hostname } = world;
  return async (options) => {
    const token = await tokenOf(options, world);
    const host = {
      hostname,
      platform: `${process.platform}-${process.arch}`,
      version: AGENT_VERSION,
    };
    const layout = stateLayout(options.state);
    const { agent, office } = await enrol(token, { layout, clock, host }, AbortSignal.timeout(ENROL_TIMEOUT_MS));
    terminal.out(
      options.json
        ? `${JSON.stringify({ agent, office })}\n`
        : `This computer is now agent ${agent.slice(0, 8)} of the office ${office.name}.\nStart it with: harp-agent run --state ${options.state} --files DIR\n`,
    );
    return exitCode.done;
  };
}

/** @throws {HarpError} `agent.usage`, `disk.failed` */
async function tokenOf(
  { token, tokenFile }: EnrolOptions,
  { environmentToken, readStdin }: EnrolWorld,
): Promise<string> {
  if (token !== undefined && tokenFile !== undefined)
    throw new HarpError('agent.usage', 'give either --token or --token-file, not both');
  if (token !== undefined) return token;
  if (tokenFile === '-') return readStdin();
  if (tokenFile !== undefined) {
    return readFile(tokenFile, 'utf8').catch((error: unknown) => {
      throw diskError(error, tokenFile);
    });
  }
  if (environmentToken === undefined || environmentToken === '')
    throw new HarpError('agent.usage', 'a token is needed: --token, --token-file or the variable HARP_TOKEN');
  return environmentToken;
}
