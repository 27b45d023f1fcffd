/** What a running agent says of itself on its own PC, read as scripts read it: `status.json` in the state folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Agent } from './fleet.ts';

const Status = z.object({
  pid: z.int(),
  broker: z.object({ connected: z.boolean(), problem: z.string().optional() }),
  peers: z.object({ live: z.int(), known: z.int() }),
  folders: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      seq: z.int(),
      state: z.enum(['starting', 'syncing', 'complete', 'blocked']),
      reason: z.string().optional(),
      filesDone: z.int(),
      filesTotal: z.int(),
    }),
  ),
  outbox: z.object({ reports: z.int() }),
});
export type AgentStatus = z.infer<typeof Status>;

/** Undefined until the process that runs now has written it (within two seconds of its start). */
export function statusOf(agent: Agent): AgentStatus | undefined {
  let text: string;
  try {
    text = readFileSync(join(agent.stateDir, 'status.json'), 'utf8');
  } catch {
    // Not written yet.
    return undefined;
  }
  const status = Status.parse(JSON.parse(text));
  return status.pid === agent.process.pid ? status : undefined;
}

/** What the agent says of one folder; undefined if it does not know it (yet). */
export function folderStatusOf(agent: Agent, folder: string): AgentStatus['folders'][number] | undefined {
  return statusOf(agent)?.folders.find(({ name }) => name === folder);
}
