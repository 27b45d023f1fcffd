/**
 * The search behind the quick input: which providers a text is for, asking them, and putting together what they say. A new query aborts the one
 * before. Rows never vanish only because a provider is slow: what it gave last stays, filtered by the new query, until it answers.
 */
import type { QuickAccessContribution, QuickItem, WorkbenchServices } from '../model.ts';
import { type FuzzyQuery, parseQuery } from './fuzzy.ts';
import { type Given, rowsFor } from './rows.ts';

/**
 * A provider whose items are the same for every query. It is asked once, when the quick input opens and the focus is still where it was: what can
 * be done depends on that, and must not look different once the field has the focus.
 */
export interface OpeningQuickAccess extends QuickAccessContribution {
  readonly isAskedAtOpening: true;
  provide(query: string, services: WorkbenchServices, signal: AbortSignal): QuickItem[];
}

function isAskedAtOpening(provider: QuickAccessContribution): provider is OpeningQuickAccess {
  return 'isAskedAtOpening' in provider && provider.isAskedAtOpening === true;
}

/** What the list shows. */
export interface SearchState {
  readonly prefix: QuickAccessContribution['prefix'];
  /** What is searched for: the text without its prefix. */
  readonly query: FuzzyQuery;
  readonly rows: readonly QuickItem[];
  /** Whether a provider has still to answer. Only when none has, no rows means no results. */
  readonly isLoading: boolean;
  /** What the last failure of a provider was; the others' rows are shown all the same. */
  readonly failure: unknown;
}

export interface AccessSearch {
  readonly state: SearchState;
  /** Searches for a text, prefix and all. */
  search(text: string): void;
  /** Aborts what is still asked. */
  stop(): void;
  onDidChange(listener: () => void): () => void;
}

export interface AccessSearchOptions {
  /** In order. */
  readonly providers: readonly QuickAccessContribution[];
  readonly services: () => WorkbenchServices;
  recentsOf(prefix: QuickAccessContribution['prefix']): readonly string[];
}

/** The prefix a text begins with, among those that somebody provides for. */
export function prefixOf(
  text: string,
  providers: readonly QuickAccessContribution[],
): QuickAccessContribution['prefix'] {
  return providers.find(({ prefix }) => prefix !== '' && text.startsWith(prefix))?.prefix ?? '';
}

/** Makes a search. It asks at once only who wants to be asked at the opening. */
export function createAccessSearch({ providers, services, recentsOf }: AccessSearchOptions): AccessSearch {
  const listeners = new Set<() => void>();
  const { signal: untilClosed } = new AbortController();
  const askedAtOpening = new Map<QuickAccessContribution, QuickItem[]>();
  for (const provider of providers) {
    if (isAskedAtOpening(provider)) askedAtOpening.set(provider, provider.provide('', services(), untilClosed));
  }
  let controller = new AbortController();
  let asked: readonly QuickAccessContribution[] = [];
  let given: Given[] = [];
  let state: SearchState = { prefix: '', query: parseQuery(''), rows: [], isLoading: false, failure: undefined };
  const show = (next: SearchState) => {
    state = next;
    for (const listener of [...listeners]) listener();
  };

  const search = (text: string) => {
    controller.abort();
    controller = new AbortController();
    const { signal } = controller;
    const prefix = prefixOf(text, providers);
    const queryText = text.slice(prefix.length).trim();
    const query = parseQuery(queryText);
    const isSamePrefix = asked.length > 0 && state.prefix === prefix;
    asked = providers.filter((provider) => provider.prefix === prefix);
    given = asked.map((_, index) => ({
      items: (isSamePrefix ? given[index]?.items : undefined) ?? [],
      isCurrent: false,
    }));
    let waiting = 0;
    let failure: unknown;
    // During the loop below answers may come at once; they are shown together after it.
    let isAsking = true;
    const refresh = () => {
      if (isAsking) return;
      show({ prefix, query, rows: rowsFor(query, given, recentsOf(prefix)), isLoading: waiting > 0, failure });
    };
    const settle = (index: number, items: readonly QuickItem[]) => {
      given[index] = { items, isCurrent: true };
    };
    for (const [index, provider] of asked.entries()) {
      try {
        const answer = askedAtOpening.get(provider) ?? provider.provide(queryText, services(), signal);
        if (Array.isArray(answer)) {
          settle(index, answer);
          continue;
        }
        waiting += 1;
        answer
          .then(
            (items) => items,
            (cause: unknown) => {
              failure = cause;
              return [];
            },
          )
          .then((items) => {
            if (signal.aborted) return;
            waiting -= 1;
            settle(index, items);
            refresh();
          });
      } catch (cause) {
        failure = cause;
        settle(index, []);
      }
    }
    isAsking = false;
    refresh();
  };
  return {
    get state() {
      return state;
    },
    search,
    stop: () => controller.abort(),
    onDidChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
