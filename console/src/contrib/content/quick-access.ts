/** Go to a folder or file: `#` and a part of its path. The server searches; it knows millions of files. */
import { search } from '../../api/queries.ts';
import type { SearchItem } from '../../api/schemas.ts';
import type { QuickAccessContribution, QuickItem } from '../../workbench/model.ts';
import { pauseBeforeAsking } from '../../workbench/quick-input/pause.ts';
import { type ContentItem, inputOf } from './content-item.ts';
import { contentText } from './messages.ts';

const LIMIT = 50;

const provide: QuickAccessContribution['provide'] = async (query, _services, signal) => {
  const wanted = query.trim();
  if (wanted === '' || !(await pauseBeforeAsking(signal))) return [];
  const { items } = await search(wanted, LIMIT, signal);
  return items.flatMap((item) => quickItems(item, wanted));
};

/** Under `#` only content; without a prefix after offices and PCs, which are fewer and asked for more often. */
export const contentQuickAccess: readonly QuickAccessContribution[] = [
  { prefix: '#', order: 10, placeholder: contentText.quickPlaceholder, provide },
  { prefix: '', order: 30, placeholder: contentText.quickPlaceholder, provide },
];

/** The row of something that was found, if it is content. */
export function quickItems(found: SearchItem, wanted: string): QuickItem[] {
  const item = itemOf(found);
  const input = item === undefined ? undefined : inputOf(item);
  if (item === undefined || input === undefined) return [];
  return [
    {
      id: `content ${found.kind} ${found.id}`,
      label: found.label,
      description: found.description,
      icon: item.kind,
      matches: matchesIn(found.label, wanted),
      accept: ({ editors }) => editors.open(input, { focus: true }),
    },
  ];
}

function itemOf({ kind, id, label, folderId, path }: SearchItem): ContentItem | undefined {
  if (kind === 'folder') return { kind, id: folderId ?? id, name: label, path: path ?? '' };
  if (kind === 'file' && folderId !== undefined && path !== undefined) return { kind, folderId, path };
  return undefined;
}

/** Where each word of the query stands in a label. The server found it, be it elsewhere: then nothing is marked. */
export function matchesIn(label: string, query: string): [number, number][] {
  const lower = label.toLowerCase();
  // Lower case may be longer than the text itself ("İ"): then positions would not fit.
  if (lower.length !== label.length) return [];
  const found = query
    .toLowerCase()
    .split(/[\s/]+/)
    .filter((word) => word !== '')
    .flatMap((word): [number, number][] => {
      const at = lower.indexOf(word);
      return at < 0 ? [] : [[at, at + word.length]];
    })
    .sort((a, b) => a[0] - b[0]);
  return found.filter(([from], index) => from >= (found[index - 1]?.[1] ?? 0));
}
