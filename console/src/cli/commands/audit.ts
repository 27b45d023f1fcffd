/** `harp verify audit` and `harp audit export`: is the log of changes whole, and a copy of it. */
import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { ApiClient } from '../api-client.ts';
import { CliFailure } from '../failure.ts';
import { type CliPorts, type ExitStatus, exitStatus } from '../ports.ts';

/** What `harp verify` calls the log; a folder of this name is verified by its id. */
export const AUDIT_LOG = 'audit';

/** Checks the whole log in the data centre. @returns `fault` if something is wrong */
export async function verifyAudit(
  client: ApiClient,
  { json }: { json: boolean },
  ports: CliPorts,
): Promise<ExitStatus> {
  const folder = (await client.folders()).find(({ name }) => name === AUDIT_LOG);
  if (folder !== undefined)
    ports.err(`This verifies the audit log. There is a folder called ${AUDIT_LOG} too: harp verify ${folder.id}\n`);
  const result = await client.verifyAudit();
  if (json) ports.out(`${JSON.stringify(result)}\n`);
  else {
    const { entries, signedSeq, heads, firstBad } = result;
    const checked = `${entries} entries, ${heads} signed heads; signed up to entry ${signedSeq}`;
    if (result.ok) ports.out(`audit log: sound. Checked ${checked}.\n`);
    else {
      const where =
        firstBad?.seq == null
          ? ''
          : firstBad.toSeq === null || firstBad.toSeq === firstBad.seq
            ? ` at entry ${firstBad.seq}`
            : ` in entries ${firstBad.seq}–${firstBad.toSeq}`;
      ports.out(`audit log: FAULT${where}: ${firstBad?.what ?? 'unknown'} (${firstBad?.code ?? 'no code'})\n`);
      ports.err(`Checked up to there: ${checked}.\n`);
    }
  }
  return result.ok ? exitStatus.ok : exitStatus.fault;
}

const End = z.object({ end: z.literal(true), entries: z.int(), toSeq: z.int() });

/** Writes the log after entry `after` to a file that only its owner reads. The file appears when it is whole. */
export async function exportAudit(
  client: ApiClient,
  { out, after, json }: { out: string; after: number; json: boolean },
  ports: CliPorts,
): Promise<void> {
  const path = resolve(ports.cwd, out);
  const draft = `${path}.part`;
  const file = await open(draft, 'w', 0o600);
  try {
    const end = await copy(await client.exportAudit(after), async (bytes) => {
      await file.writeFile(bytes);
    });
    await file.close();
    await rename(draft, path);
    const { entries, toSeq } = end;
    if (json) ports.out(`${JSON.stringify({ out, entries, toSeq })}\n`);
    else ports.out(`${entries} entries, up to entry ${toSeq}, written to ${out}\n`);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(draft, { force: true });
    throw error;
  }
}

/** Hands the stream on and reads its last line. @throws {CliFailure} if it broke off */
async function copy(
  stream: AsyncIterable<Uint8Array>,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<z.infer<typeof End>> {
  const decoder = new TextDecoder();
  let lastLine = '';
  let rest = '';
  for await (const bytes of stream) {
    await write(bytes);
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    lastLine = lines.at(-1) ?? lastLine;
  }
  const end = End.safeParse(rest === '' ? parseJson(lastLine) : undefined);
  if (!end.success) throw new CliFailure('internal.unexpected', ['the export is not whole: it broke off']);
  return end.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
