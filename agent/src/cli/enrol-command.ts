import { readFile } from 'node:fs/promises';
import { errorCodes, HarpError, shownCode } from '@harp/broker/protocol';
import { type EnrolDeps, enrol, type WaitingState } from '../enrol/enrol.ts';
import type { DnsOptions } from '../enrol/find-server.ts';
import { printable, readMachine } from '../enrol/machine.ts';
import { type UntilEnrolledDeps, untilEnrolled } from '../enrol/until-enrolled.ts';
import type { Clock, Logger } from '../ports.ts';
import { diskError } from '../state/atomic-file.ts';
import { stateLayout } from '../state/layout.ts';
import { AGENT_VERSION } from '../version.ts';
import { exitCode } from './explain.ts';
import type { Commands, EnrolOptions, Terminal } from './program.ts';

export interface EnrolWorld {
  clock: Clock;
  log: Logger;
  /** What the console shows as this computer's name. */
  hostname: string;
  /** HARP_TOKEN. */
  environmentToken: string | undefined;
  /** HARP_HARDWARE_ID. */
  hardware: string | undefined;
  dns: DnsOptions;
  readStdin: () => Promise<string>;
  /** Aborts when somebody asks the program to end. */
  ending: AbortSignal;
}

/** `harp-agent enrol`. */
export function enrolCommand(terminal: Terminal, world: EnrolWorld): Commands['enrol'] {
  return async (options) => {
    const token = await tokenOf(options, world);
    const show = (state: WaitingState) =>
      terminal.out(options.json ? `${JSON.stringify({ waiting: state })}\n` : waitingText(state));
    const deps = { ...enrolDeps(world, options.state), onWaiting: show };
    const record =
      token === undefined
        ? await untilEnrolled(
            { ...unattended(world, options.state, show), givesUp: ({ retry }) => retry === 'never' },
            world.ending,
          )
        : await enrol(token, deps, world.ending);
    if (record === undefined) return exitCode.tryLater;
    const { agent, office } = record;
    terminal.out(
      options.json
        ? `${JSON.stringify({ agent, office })}\n`
        : `This computer is now agent ${agent.slice(0, 8)} of the office ${office.name}.\nStart it with: harp-agent run --state ${options.state} --files DIR\n`,
    );
    return exitCode.done;
  };
}

/** What enrolling without anybody at the PC needs; it goes on for ever. */
export function unattended(world: EnrolWorld, state: string, show: (state: WaitingState) => void): UntilEnrolledDeps {
  const { log, environmentToken: token, dns } = world;
  return { ...enrolDeps(world, state), log, token, dns, multicast: true, show, givesUp: () => false };
}

function enrolDeps({ clock, hostname, hardware, log }: EnrolWorld, state: string): EnrolDeps {
  return {
    layout: stateLayout(state),
    clock,
    host: {
      hostname: printable(hostname, 255) ?? 'unknown',
      platform: `${process.platform}-${process.arch}`,
      version: AGENT_VERSION,
    },
    machine: () => readMachine(hardware),
    warn: (why) => log.warn({ why }, 'the key of this agent is not protected by the system'),
  };
}

/** For whoever stands at the PC. */
function waitingText({ via, url, cause, code }: WaitingState): string {
  const found = { token: '', file: '', neighbour: ' (named by a neighbour)', dns: ' (named by DNS)' }[via];
  const lines = [`Waiting at ${url}${found}: ${errorCodes[cause].title}.`];
  if (code !== undefined) {
    lines.push(
      '',
      `    ${shownCode(code)}`,
      '',
      'Read this code to whoever lets this computer in; they type it into the Harp console.',
    );
  }
  return `${lines.join('\n')}\n`;
}

/** @throws {HarpError} `agent.usage`, `disk.failed` */
async function tokenOf(
  { token, tokenFile }: EnrolOptions,
  { environmentToken, readStdin }: EnrolWorld,
): Promise<string | undefined> {
  if (token !== undefined && tokenFile !== undefined)
    throw new HarpError('agent.usage', 'give either --token or --token-file, not both');
  if (token !== undefined) return token;
  if (tokenFile === '-') return readStdin();
  if (tokenFile !== undefined) {
    return readFile(tokenFile, 'utf8').catch((error: unknown) => {
      throw diskError(error, tokenFile);
    });
  }
  return environmentToken === '' ? undefined : environmentToken;
}
