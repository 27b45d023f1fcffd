/** `harp apply`: sends a fleet file, says what changed, and waits if asked until the change has taken effect. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { FleetChange, FleetDocument, FleetResult } from '../../api/schemas.ts';
import type { ApiClient } from '../api-client.ts';
import { CliFailure } from '../failure.ts';
import { describeProblem, parseFleetFile } from '../fleet-file/parse.ts';
import type { CliPorts } from '../ports.ts';

export interface ApplyOptions {
  file: string;
  dryRun: boolean;
  prune: boolean;
  /** Seconds; undefined: do not wait. */
  wait: number | undefined;
  json: boolean;
}

/** Certificates and passwords are small; a large file is a mistake. */
const MAX_REFERENCED_BYTES = 65_536;
const POLL_MS = 1000;

/** @throws {CliFailure} */
export async function apply(client: ApiClient, options: ApplyOptions, ports: CliPorts): Promise<void> {
  const { document, explain } = readFleet(options.file, ports);
  const result = await client.apply(document, options).catch((error: unknown) => {
    throw explain(error);
  });
  if (!options.json) tell(result, options, ports);
  if (options.wait !== undefined && !options.dryRun) await waitForEffect(client, document, options.wait, ports);
  if (options.json) ports.out(`${JSON.stringify(result)}\n`);
}

function readFleet(file: string, ports: CliPorts) {
  const path = resolve(ports.cwd, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'there is no such file' : String(error);
    throw new CliFailure('fleet.invalid', [`cannot read ${file}: ${reason}`], { cause: error });
  }
  const outcome = parseFleetFile(text, {
    env: (name) => ports.env[name],
    readText: (name) => readSmallFile(resolve(dirname(path), name)),
  });
  if (!outcome.ok) {
    const { problems } = outcome;
    throw new CliFailure(
      'fleet.invalid',
      problems.map((problem) => describeProblem(file, problem)),
      { problems: problems.map((problem) => ({ file, ...problem })) },
    );
  }
  /** The server names fields; here they become places in the file again. */
  const explain = (error: unknown): unknown => {
    if (!(error instanceof CliFailure) || error.problems === undefined) return error;
    const placed = error.problems.map((problem) => {
      const { field, message } = problem as { field: string; message: string };
      return { ...outcome.locate(field), field, message };
    });
    return new CliFailure(
      error.code,
      placed.map((problem) => describeProblem(file, problem)),
      { problems: placed.map((problem) => ({ file, ...problem })), cause: error },
    );
  };
  return { document: outcome.document, explain };
}

function readSmallFile(path: string): string {
  if (statSync(path).size > MAX_REFERENCED_BYTES) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
  return readFileSync(path, 'utf8');
}

const signs = { create: '+', update: '~', delete: '-' } as const;

function tell({ changes, unlisted }: FleetResult, { dryRun }: ApplyOptions, { out, err }: CliPorts): void {
  for (const change of changes) out(`${signs[change.action]} ${inWords(change)}\n`);
  const count = changes.length === 1 ? '1 change' : `${changes.length} changes`;
  if (changes.length === 0) out('Nothing to change.\n');
  else out(dryRun ? `Dry run: ${count} would be made.\n` : `${count} made.\n`);
  if (unlisted.length > 0) {
    err('Not in the file, and kept (--prune removes it):\n');
    for (const change of unlisted) err(`  ${inWords(change)}\n`);
  }
}

function inWords({ kind, name, detail }: FleetChange): string {
  return `${kind} ${name}${detail === undefined ? '' : ` (${detail})`}`;
}

/** Waits until every folder of the document is indexed and every office has its share. Says on standard error what it waits for. */
async function waitForEffect(
  client: ApiClient,
  document: FleetDocument,
  seconds: number,
  ports: CliPorts,
): Promise<void> {
  const deadlineMs = ports.nowMs() + seconds * 1000;
  let said = '';
  for (;;) {
    const pending = await pendingOf(client, document);
    const text = pending.join('\n');
    if (pending.length > 0 && text !== said) ports.err(`${pending.map((line) => `waiting: ${line}`).join('\n')}\n`);
    said = text;
    if (pending.length === 0) {
      ports.err('All folders are indexed and shared.\n');
      return;
    }
    if (ports.nowMs() >= deadlineMs)
      throw new CliFailure('origin.unexpected', [`after ${seconds} s not everything is in effect:`, ...pending]);
    await ports.sleep(POLL_MS);
  }
}

async function pendingOf(client: ApiClient, document: FleetDocument): Promise<string[]> {
  const wanted = new Map(document.folders.map((folder) => [folder.name, folder]));
  const folders = (await client.folders()).filter(({ name }) => wanted.has(name));
  const lines: string[] = [];
  for (const folder of folders) {
    const trouble = folder.error === null ? folder.nextcloud.error : `${folder.error.code} ${folder.error.detail}`;
    if (trouble !== null) lines.push(`${folder.name}: ${trouble}`);
    else if (folder.indexedAtMs === null) lines.push(`${folder.name}: ${folder.fileCount} files indexed so far`);
    const { offices } = await client.folder(folder.id);
    const unshared = offices.filter(
      ({ officeName, shareReady }) => !shareReady && wanted.get(folder.name)?.offices.includes(officeName),
    );
    for (const { officeName, shareError } of unshared)
      lines.push(`${folder.name}: no share for ${officeName} yet${shareError === null ? '' : ` (${shareError})`}`);
  }
  return lines;
}
