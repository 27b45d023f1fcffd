/** Which events a filter text shows: `kind:`, `agent:`, `office:`, `folder:` and words, `-` before what is not wanted. */
import type { EventRow } from '../../api/schemas.ts';
import { matchesQuery, parseQuery, withoutTerm, withTerm } from '../../ui/query.ts';

/** The keys that terms may have. */
export const filterKeys = ['kind', 'agent', 'office', 'folder'] as const;

/** Names and words that an event itself does not hold. */
export interface EventWords {
  office(id: string): string;
  folder(id: string | null): string;
  /** The event in words, in the reader's language. */
  words(event: EventRow): string;
}

/** Tells whether an event is shown. Reads the text once; words are only made for events whose other terms match. */
export function eventFilter(text: string, { office, folder, words }: EventWords): (event: EventRow) => boolean {
  const terms = parseQuery(text, filterKeys);
  if (terms.length === 0) return () => true;
  const valuesOf = (event: EventRow, key: string | undefined): readonly string[] => {
    if (key === 'kind') return [event.kind];
    if (key === 'agent') return [event.hostname, event.agentId];
    if (key === 'office') return [office(event.officeId), event.officeId];
    if (key === 'folder') return [folder(event.folderId)];
    return [event.hostname, office(event.officeId), folder(event.folderId), event.kind, words(event)];
  };
  const keyed = terms.filter(({ key }) => key !== undefined);
  const plain = terms.filter(({ key }) => key === undefined);
  return (event) => matchesQuery(event, keyed, valuesOf) && matchesQuery(event, plain, valuesOf);
}

/** The kind that the text asks for, if it asks for exactly one. */
export function chosenKind(text: string): string | undefined {
  const kinds = parseQuery(text, filterKeys).filter(({ key, isNegated }) => key === 'kind' && !isNegated);
  return kinds.length === 1 ? kinds[0]?.value : undefined;
}

/** The text asking for this kind instead of any other; for all kinds when none is given. */
export function withKind(text: string, kind: string | undefined): string {
  let rest = text;
  for (;;) {
    const term = parseQuery(rest, filterKeys).find(({ key }) => key === 'kind');
    if (term === undefined) break;
    rest = withoutTerm(rest, term);
  }
  return kind === undefined ? rest : withTerm(rest, { key: 'kind', value: kind, isNegated: false });
}
