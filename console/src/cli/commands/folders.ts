/** `harp verify`, `harp chain export`, `harp folder reindex`. */
import { resolve } from 'node:path';
import type { ApiClient } from '../api-client.ts';
import { writeExport } from '../chain-files.ts';
import { type CliPorts, type ExitStatus, exitStatus } from '../ports.ts';
import { bytesInWords } from '../quantities.ts';

/** Checks a folder's chain in the data centre. @returns `fault` if something is wrong */
export async function verify(
  client: ApiClient,
  { folder, json }: { folder: string; json: boolean },
  ports: CliPorts,
): Promise<ExitStatus> {
  const { id } = await client.findFolder(folder);
  const result = await client.verify(id);
  if (json) ports.out(`${JSON.stringify(result)}\n`);
  else {
    const { entries, manifests, snapshots, headSeq, firstBad } = result;
    const checked = `${entries} entries, ${manifests} manifests, ${snapshots} snapshots; head at entry ${headSeq}`;
    if (result.ok) ports.out(`${result.folder}: sound. Checked ${checked}.\n`);
    else {
      const where = firstBad?.seq == null ? '' : ` at entry ${firstBad.seq}`;
      ports.out(`${result.folder}: FAULT${where}: ${firstBad?.what ?? 'unknown'} (${firstBad?.code ?? 'no code'})\n`);
      ports.err(`Checked up to there: ${checked}.\n`);
    }
  }
  return result.ok ? exitStatus.ok : exitStatus.fault;
}

/** Downloads everything that is needed to verify a folder offline. */
export async function exportChain(
  client: ApiClient,
  { folder, out, json }: { folder: string; out: string; json: boolean },
  ports: CliPorts,
): Promise<void> {
  const { id } = await client.findFolder(folder);
  const written = await writeExport(await client.exportChain(id), resolve(ports.cwd, out));
  if (json) ports.out(`${JSON.stringify({ folder, out, ...written })}\n`);
  else ports.out(`${written.files} files, ${bytesInWords(written.bytes)}, written to ${out}\n`);
}

/** Has a folder indexed now. */
export async function reindex(
  client: ApiClient,
  { folder, json }: { folder: string; json: boolean },
  ports: CliPorts,
): Promise<void> {
  const { id, name } = await client.findFolder(folder);
  const result = await client.reindex(id);
  ports.out(json ? `${JSON.stringify(result)}\n` : `${name} is being looked through now.\n`);
}
