/** `harp status`: the fleet on one screen. */
import type { FolderSummary, StatusInfo } from '../../api/schemas.ts';
import type { ApiClient } from '../api-client.ts';
import type { CliPorts } from '../ports.ts';
import { ageInWords, bytesInWords } from '../quantities.ts';
import { tableLines } from '../table.ts';

/** Agents report every two seconds at most. */
const WATCH_EVERY_MS = 2000;
const CLEAR_SCREEN = '\u001b[H\u001b[2J';

/** Prints the status; with `watch` again and again until the process is stopped. */
export async function status(
  client: ApiClient,
  { watch, json }: { watch: boolean; json: boolean },
  ports: CliPorts,
): Promise<void> {
  for (;;) {
    const info = await client.status();
    const text = json ? JSON.stringify(info) : statusLines(info).join('\n');
    ports.out(`${watch && !json && ports.isTerminal ? CLEAR_SCREEN : ''}${text}\n`);
    if (!watch) return;
    await ports.sleep(WATCH_EVERY_MS);
  }
}

/** The status as lines for people. */
export function statusLines(info: StatusInfo): string[] {
  const officeNames = new Map(info.offices.map(({ id, name }) => [id, name]));
  const folderNames = new Map(info.folders.map(({ id, name }) => [id, name]));
  const namesOf = (ids: readonly string[], names: Map<string, string>) =>
    ids.map((id) => names.get(id) ?? id).join(', ') || '—';
  const external = info.broker.kind === 'external' ? ` (external, ${info.broker.url})` : '';
  const broker = `${info.broker.connected ? 'broker connected' : 'BROKER NOT CONNECTED'}${external}`;
  const lines = [`Harp ${info.version} · ${broker} · ${info.agentsOnline} of ${info.agentsTotal} agents online`, ''];
  if (info.offices.length === 0)
    lines.push('No offices yet. Declare them in fleet.yaml and run: harp apply -f fleet.yaml');
  else
    lines.push(
      ...tableLines(
        ['OFFICE', 'ONLINE', 'FOLDERS', 'LAN 24 H', 'WAN 24 H', 'SAVED'],
        info.offices.map(({ name, agentsOnline, agentsTotal, folderIds, last24h }) => [
          name,
          `${agentsOnline}/${agentsTotal}`,
          namesOf(folderIds, folderNames),
          bytesInWords(last24h.fromPeers),
          bytesInWords(last24h.fromOrigin),
          savedInWords(last24h),
        ]),
      ),
    );
  if (info.folders.length > 0)
    lines.push(
      '',
      ...tableLines(
        ['FOLDER', 'FROM', 'FILES', 'SIZE', 'INDEXED', 'OFFICES', 'STATE'],
        info.folders.map((folder) => [
          folder.name,
          `${folder.nextcloud.name}:${folder.path}`,
          folder.fileCount,
          bytesInWords(folder.byteCount),
          ageInWords(folder.indexedAtMs, info.atMs),
          namesOf(folder.officeIds, officeNames),
          stateOf(folder),
        ]),
      ),
    );
  return lines;
}

function savedInWords({ fromPeers, fromOrigin }: { fromPeers: number; fromOrigin: number }): string {
  const total = fromPeers + fromOrigin;
  return total === 0 ? '—' : `${Math.floor((100 * fromPeers) / total)} %`;
}

function stateOf({ error, nextcloud, problems, indexedAtMs }: FolderSummary): string {
  if (nextcloud.error !== null) return nextcloud.error;
  if (error !== null) return `${error.code}: ${error.detail}`;
  if (indexedAtMs === null) return 'indexing';
  return problems === 0 ? 'ok' : `${problems} files cannot be indexed`;
}
