import { type AgentWorld, startAgent } from '../compose.ts';
import { exitCode } from './explain.ts';
import type { Commands, Terminal } from './program.ts';

/** `harp-agent run`: until `stopAsked` resolves with the name of the signal that asked. */
export function runCommand(terminal: Terminal, world: AgentWorld, stopAsked: Promise<string>): Commands['run'] {
  return async ({ state, files, peerPort, peerHost, mdns }) => {
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
