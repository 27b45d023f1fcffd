import { HarpError } from '@harp/broker/protocol';
import { createDesiredState } from '../control/desired-state.ts';
import { requireIdentity } from '../enrol/identity-files.ts';
import { createLiveIdentity } from '../enrol/renew.ts';
import type { Logger } from '../ports.ts';
import { stateLayout } from '../state/layout.ts';
import { openState } from '../store/state.ts';
import { type FolderVerification, knownFolders, verifyFolder } from '../sync/index.ts';
import { exitCode } from './explain.ts';
import type { Commands, Terminal } from './program.ts';

/** Names printed per folder; `--json` has them all. */
const SHOWN_MAX = 20;

const problemText: Record<FolderVerification['bad'][number]['problem'], string> = {
  missing: 'is not there',
  wrong_content: 'has other content than was signed',
  not_delivered: 'has not been delivered yet',
  manifest_missing: 'cannot be checked: its chunk list is not here yet',
};

/** `harp-agent verify`. Exit code 5 if a file differs. Works while the agent runs. */
export function verifyCommand(terminal: Terminal, log: Logger): Commands['verify'] {
  return async ({ state: stateDir, files, folder, json }) => {
    const layout = stateLayout(stateDir);
    const identity = createLiveIdentity(await requireIdentity(layout), layout);
    const desired = await createDesiredState(layout.desired, identity, log).load();
    const names = new Map(desired?.folders.map(({ id, name }) => [id, name]));
    const state = openState(layout.db);
    try {
      const known = knownFolders(state).map(({ id, dir }) => ({ id, name: names.get(id) ?? dir }));
      const chosen = known.filter(({ id, name }) => folder === undefined || folder === id || folder === name);
      if (folder !== undefined && chosen.length === 0) {
        const present = known.map(({ name }) => name).join(', ') || 'none';
        throw new HarpError('agent.usage', `there is no folder ${folder} here; folders: ${present}`);
      }
      const results: (FolderVerification & { name: string })[] = [];
      for (const { id, name } of chosen) {
        const verification = await verifyFolder({ state, filesDir: files, folder: id });
        results.push({ ...verification, name });
        if (!json) terminal.out(verificationText(name, verification));
      }
      if (json)
        terminal.out(`${JSON.stringify({ ok: results.every(({ bad }) => bad.length === 0), folders: results })}\n`);
      else if (results.length === 0) terminal.out('No folder has been started here yet.\n');
      return results.every(({ bad }) => bad.length === 0) ? exitCode.done : exitCode.negative;
    } finally {
      await state.close();
    }
  };
}

/** The outcome for one folder as lines for a terminal. */
export function verificationText(name: string, { seq, link, files, bytes, bad }: FolderVerification): string {
  const where = `entry ${seq}, link ${link.slice(0, 16)}`;
  if (bad.length === 0) return `${name}: all ${files} files (${bytes} bytes) are what was signed (${where}).\n`;
  const lines = bad.slice(0, SHOWN_MAX).map(({ path, storedAs, problem }) => {
    const stored = storedAs === path ? '' : ` (here: ${storedAs})`;
    return `  ${path}${stored} ${problemText[problem]}`;
  });
  if (bad.length > SHOWN_MAX) lines.push(`  and ${bad.length - SHOWN_MAX} more; --json lists them all`);
  return `${name}: ${bad.length} of ${files} files are not as signed (${where}):\n${lines.join('\n')}\n`;
}
