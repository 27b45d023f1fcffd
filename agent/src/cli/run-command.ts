import { type AgentWorld, startAgent } from '../compose.ts';
import { readIdentity } from '../enrol/identity-files.ts';
import { untilEnrolled } from '../enrol/until-enrolled.ts';
import { stateLayout } from '../state/layout.ts';
import { type EnrolWorld, unattended } from './enrol-command.ts';
import { exitCode } from './explain.ts';
import type { Commands, Terminal } from './program.ts';

/** `harp-agent run`: enrols first if that has not happened, then until `stopAsked` resolves with the name of the signal that asked. */
export function runCommand(
  terminal: Terminal,
  world: AgentWorld,
  enrolment: EnrolWorld,
  stopAsked: Promise<string>,
): Commands['run'] {
  return async ({ state, files, peerPort, peerHost, mdns }) => {
    if ((await readIdentity(stateLayout(state))) === undefined) {
      const deps = { ...unattended(enrolment, state, () => undefined), multicast: mdns };
      if ((await untilEnrolled(deps, enrolment.ending)) === undefined) return exitCode.done;
    }
    const running = await startAgent(
      { state, files, peerPort, multicast: mdns, ...(peerHost === undefined ? {} : { peerHost }) },
      world,
    );
    terminal.out(`${JSON.stringify({ ready: true, agent: running.agent, peerPort: running.peerPort })}\n`);
    const signal = await stopAsked;
    world.log.info({ signal }, 'stopping');
    await running.stop();
    return exitCode.done;
  };
}
