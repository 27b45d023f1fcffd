/** A good agent at work while others misbehave: small changes, one after the other, each of which has to arrive in time. */
import { join } from 'node:path';
import type { Agent } from './fleet.ts';
import { until } from './process.ts';
import { sha256Of, type World } from './world.ts';

export interface Heartbeat {
  /** Changes that have arrived so far. */
  readonly beats: number;
  /** Ends the work. @throws {Error} if a change did not arrive within 20 s */
  stop(): Promise<void>;
}

/** Changes `folder` again and again and watches `agent` follow. */
export function startHeartbeat(world: World, agent: Agent, folder: string): Heartbeat {
  let beats = 0;
  let stopped = false;
  const beating = (async () => {
    while (!stopped) {
      const path = `/${folder}/heartbeat.txt`;
      await world.cloud.putGenerated(path, 1000, `beat ${beats}`);
      const wanted = await world.cloud.digest(path);
      const place = join(agent.filesDir, folder, 'heartbeat.txt');
      await until(`beat ${beats} arrives`, async () => (await sha256Of(place)) === wanted, 20_000);
      beats += 1;
    }
  })();
  // Told by `stop`; until then a failure must not end the process.
  beating.catch(() => undefined);
  return {
    get beats() {
      return beats;
    },
    async stop() {
      stopped = true;
      await beating;
    },
  };
}
