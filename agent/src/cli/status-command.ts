import { type ErrorCode, errorCodes, type FolderReport, shownCode } from '@harp/broker/protocol';
import { readIdentity, requireIdentity } from '../enrol/identity-files.ts';
import { stateLayout } from '../state/layout.ts';
import { type Pending, readPending } from '../state/pending-file.ts';
import { type AgentStatus, readStatus } from '../state/status-file.ts';
import { exitCode } from './explain.ts';
import type { Commands, Terminal } from './program.ts';

/** `harp-agent status`. Exit code 5 when no agent runs with this state folder, or it is not let in yet. */
export function statusCommand(terminal: Terminal): Commands['status'] {
  return async ({ state, json }) => {
    const layout = stateLayout(state);
    const pending = (await readIdentity(layout)) === undefined ? await readPending(layout) : undefined;
    if (pending !== undefined) {
      terminal.out(json ? `${JSON.stringify({ running: false, pending })}\n` : pendingText(pending));
      return exitCode.negative;
    }
    const { record } = await requireIdentity(layout);
    const running = await readStatus(layout);
    const { agent, office } = record;
    if (json) {
      const facts = { running: running !== undefined, agent, office, pid: running?.pid ?? null };
      terminal.out(`${JSON.stringify({ ...facts, status: running?.status ?? null })}\n`);
    } else if (running === undefined) {
      terminal.out(`Agent ${agent.slice(0, 8)} of ${office.name} is not running.\n`);
    } else if (running.status === undefined) {
      terminal.out(`Agent ${agent.slice(0, 8)} of ${office.name} is starting (process ${running.pid}).\n`);
    } else {
      terminal.out(statusText(running.status));
    }
    return running === undefined ? exitCode.negative : exitCode.done;
  };
}

function pendingText({ pid, server, via, cause, code }: Pending): string {
  const lines = [`This computer is not enrolled yet (process ${pid}): ${titleOf(cause)}.`];
  if (server !== undefined) lines.push(`  Server       ${server}, found through ${via}`);
  if (code !== undefined) lines.push(`  Code         ${shownCode(code)}   read it to whoever lets this computer in`);
  return `${lines.join('\n')}\n`;
}

/** The status as a page for a terminal. */
export function statusText(status: AgentStatus): string {
  const { agent, office, pid, broker, peers, folders, traffic, outbox } = status;
  const lines = [
    `Agent ${agent.slice(0, 8)} of ${office.name} is running (process ${pid}, version ${status.version}).`,
    `  Server       ${broker.connected ? 'connected' : `not connected: ${titleOf(broker.problem)}; neighbours go on sharing`}`,
    `  Neighbours   ${peers.live} of ${peers.known} answer; they reach this computer at ${status.addresses.join(', ') || 'no address'}`,
    `  Certificate  valid until ${new Date(status.certificateValidToMs).toISOString().slice(0, 10)}, renewed by itself`,
    `  Since start  ${size(traffic.fromPeers)} from neighbours, ${size(traffic.fromOrigin)} from Nextcloud, ${size(traffic.fromLocal)} found here, ${size(traffic.served)} given to neighbours`,
    `  Reports      ${outbox.reports === 0 ? 'all delivered' : `${outbox.reports} wait for the server (${size(outbox.sizeBytes)})`}`,
  ];
  if (outbox.droppedEvents > 0)
    lines.push(`               ${outbox.droppedEvents} were dropped because too many waited`);
  if (folders.length === 0) lines.push('  No folder is assigned to this office.');
  const width = Math.max(0, ...folders.map(({ name }) => name.length));
  for (const folder of folders) lines.push(`  ${folder.name.padEnd(width)}  ${folderText(folder)}`);
  return `${lines.join('\n')}\n`;
}

function folderText({ state, reason, filesDone, filesTotal, bytesDone, bytesTotal }: FolderReport): string {
  const progress = `${filesDone} of ${filesTotal} files, ${size(bytesDone)} of ${size(bytesTotal)}`;
  switch (state) {
    case 'starting':
      return 'starting';
    case 'syncing':
      return `${progress}`;
    case 'complete':
      return `complete: ${filesTotal} files, ${size(bytesTotal)}`;
    case 'blocked':
      return `blocked: ${titleOf(reason)} (${progress})`;
  }
}

function titleOf(code: string | undefined): string {
  if (code === undefined) return 'the reason is not known yet';
  return Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode].title : code;
}

/** Bytes for people: three digits and a unit of a thousand. */
function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))} ${units[unit]}`;
}
