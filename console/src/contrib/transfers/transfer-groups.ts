/** Transfers by office or folder: what they add up to. Pure. */
import type { TransferRow } from '../../api/schemas.ts';
import { matchesQuery, parseQuery } from '../../ui/query.ts';

/** The keys that terms of the filter may have. */
export const filterKeys = ['office', 'folder'] as const;

export const groupings = ['none', 'office', 'folder'] as const;
export type Grouping = (typeof groupings)[number];

/** Everything delivered to one office, or of one folder. */
export interface TransferGroup {
  id: string;
  name: string;
  files: number;
  sizeBytes: number;
  fromPeers: number;
  fromOrigin: number;
  fromLocal: number;
  agentsDone: number;
  agentsTotal: number;
  lastAtMs: number;
}

/** Transfers that the filter shows. */
export function filterTransfers(rows: readonly TransferRow[], text: string): readonly TransferRow[] {
  const terms = parseQuery(text, filterKeys);
  if (terms.length === 0) return rows;
  return rows.filter((row) =>
    matchesQuery(row, terms, ({ officeName, folderName, path }, key) => {
      if (key === 'office') return [officeName];
      if (key === 'folder') return [folderName];
      return [path, folderName, officeName];
    }),
  );
}

/** The rows added up, in the order in which their newest comes. PCs are counted once per file: a done one of each file. */
export function groupTransfers(rows: readonly TransferRow[], by: 'office' | 'folder'): readonly TransferGroup[] {
  const groups = new Map<string, TransferGroup>();
  for (const row of rows) {
    const id = by === 'office' ? row.officeId : row.folderId;
    const group = groups.get(id) ?? {
      id,
      name: by === 'office' ? row.officeName : row.folderName,
      files: 0,
      sizeBytes: 0,
      fromPeers: 0,
      fromOrigin: 0,
      fromLocal: 0,
      agentsDone: 0,
      agentsTotal: 0,
      lastAtMs: 0,
    };
    group.files += 1;
    group.sizeBytes += row.sizeBytes;
    group.fromPeers += row.fromPeers;
    group.fromOrigin += row.fromOrigin;
    group.fromLocal += row.fromLocal;
    group.agentsDone += row.agentsDone;
    group.agentsTotal += row.agentsTotal;
    group.lastAtMs = Math.max(group.lastAtMs, row.lastAtMs);
    groups.set(id, group);
  }
  return [...groups.values()];
}

/** Bytes by source, as a row or group has them. */
export type Mix = Pick<TransferRow, 'fromPeers' | 'fromOrigin' | 'fromLocal'>;

/** All bytes of a mix. */
export function totalOf({ fromPeers, fromOrigin, fromLocal }: Mix): number {
  return fromPeers + fromOrigin + fromLocal;
}

/** What of a mix came from neighbours, from 0 to 1; null when nothing moved. */
export function lanShare(mix: Mix): number | null {
  const total = totalOf(mix);
  return total === 0 ? null : mix.fromPeers / total;
}
