/** The one quick input of the workbench: searching by prefix, picking from a list, asking for a text. One thing at a time. */
import { browserStorage } from '../commands/command-service.ts';
import { createRecents, type KeptTexts, type Recents } from '../commands/recents.ts';
import type { QuickAccessContribution, QuickItem, WorkbenchServices } from '../model.ts';
import { type AccessSearch, createAccessSearch } from './access-search.ts';
import { warmItems } from './rows.ts';

export interface PickOptions {
  readonly title: string;
  /** Which step of how many, for several picks in a row: shown as “1/2”. */
  readonly step?: readonly [number, number];
  readonly items: readonly QuickItem[];
  readonly placeholder?: string;
  /** The row that is marked at first; default: the first one. */
  readonly activeId?: string;
  /** Told which row is marked, from the first one on, until the end: to show what choosing it would do. */
  onActive?(item: QuickItem): void;
}

export interface AskOptions {
  readonly title: string;
  readonly step?: readonly [number, number];
  /** What stands in the field at first, selected. */
  readonly value?: string;
  readonly placeholder?: string;
  /** Says what is wrong with a text, or nothing. Asked at every change; Enter is refused while it objects. */
  validate?(value: string): string | undefined;
}

/** What is open. `id` is another one each time, so that what belongs to an earlier one cannot close a later one. */
export type QuickInputState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'access'; readonly id: number; readonly search: AccessSearch; readonly text: string }
  | { readonly kind: 'pick'; readonly id: number; readonly options: PickOptions }
  | { readonly kind: 'ask'; readonly id: number; readonly options: AskOptions };

/** Asks people something, top-centre, by keyboard. */
export interface QuickInput {
  /** Opens the search with a prefix: none for objects, `>` for commands. */
  open(prefix?: string): void;
  /** The chosen item, or undefined when nothing was. Does not run the item's `accept`. */
  pick(options: PickOptions): Promise<QuickItem | undefined>;
  /** The text, or undefined when it was cancelled. */
  ask(options: AskOptions): Promise<string | undefined>;
  /** Closes whatever is open; a pick or question ends with undefined. */
  close(): void;
  readonly state: QuickInputState;
  onDidChange(listener: () => void): () => void;
  /** For the widget: ends the one with this id, if it is still open. The focus goes back unless it is elsewhere already. */
  end(id: number, answer: QuickAnswer): void;
}

/** How one ended. */
export type QuickAnswer =
  | { readonly kind: 'item'; readonly item: QuickItem }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'cancelled'; readonly focusIsElsewhere: boolean };

export interface QuickInputOptions {
  /** In order. */
  readonly quickAccess: readonly QuickAccessContribution[];
  readonly services: () => WorkbenchServices;
  /** Where recent objects are kept; default: this browser's storage. */
  readonly local?: KeptTexts | undefined;
  /** Remembers what has the focus and returns how to give it back; default: the document's. */
  readonly rememberFocus?: () => () => void;
}

/** Makes the quick input; `QuickInputHost` draws it. */
export function createQuickInput(options: QuickInputOptions): QuickInput {
  const { quickAccess, services, rememberFocus = rememberDocumentFocus } = options;
  const local = 'local' in options ? options.local : browserStorage();
  const listeners = new Set<() => void>();
  const recents = new Map<string, Recents>();
  /** Commands are remembered by the command service; everything else by prefix. */
  const recentsOf = (prefix: string): Recents => {
    if (prefix === '>') return services().commands.recents;
    let found = recents.get(prefix);
    if (found === undefined) {
      found = createRecents(local, `harp.recent.objects${prefix}`);
      recents.set(prefix, found);
    }
    return found;
  };
  let state: QuickInputState = { kind: 'closed' };
  let lastId = 0;
  let giveFocusBack = () => {};
  let stopWarming = () => {};
  let answerTo: ((answer: QuickAnswer) => void) | undefined;

  const leave = () => {
    if (state.kind === 'access') state.search.stop();
    stopWarming();
    const answer = answerTo;
    answerTo = undefined;
    return answer;
  };
  const show = (next: QuickInputState) => {
    state = next;
    for (const listener of [...listeners]) listener();
  };
  /** Replaces what is open; whoever waited for that gets nothing. The focus to give back stays that of the first one. */
  const enter = (make: (id: number) => QuickInputState, answer?: (answer: QuickAnswer) => void) => {
    const waiting = leave();
    if (state.kind === 'closed') giveFocusBack = rememberFocus();
    answerTo = answer;
    lastId += 1;
    show(make(lastId));
    waiting?.({ kind: 'cancelled', focusIsElsewhere: true });
  };
  const end = (id: number, answer: QuickAnswer) => {
    if (state.kind === 'closed' || state.id !== id) return;
    const { kind } = state;
    const prefix = state.kind === 'access' ? state.search.state.prefix : '';
    const waiting = leave();
    show({ kind: 'closed' });
    if (answer.kind !== 'cancelled' || !answer.focusIsElsewhere) giveFocusBack();
    if (kind === 'access' && answer.kind === 'item') {
      recentsOf(prefix).touch(answer.item.id);
      answer.item.accept(services());
    }
    waiting?.(answer);
  };
  return {
    open: (prefix = '') => {
      const search = createAccessSearch({
        providers: quickAccess,
        services,
        recentsOf: (found) => recentsOf(found).list(),
      });
      search.search(prefix);
      enter((id) => ({ kind: 'access', id, search, text: prefix }));
      stopWarming = warmItems(search.state.rows);
    },
    pick: (pickOptions) =>
      new Promise((resolve) => {
        enter(
          (id) => ({ kind: 'pick', id, options: pickOptions }),
          (answer) => resolve(answer.kind === 'item' ? answer.item : undefined),
        );
      }),
    ask: (askOptions) =>
      new Promise((resolve) => {
        enter(
          (id) => ({ kind: 'ask', id, options: askOptions }),
          (answer) => resolve(answer.kind === 'text' ? answer.text : undefined),
        );
      }),
    close: () => {
      if (state.kind !== 'closed') end(state.id, { kind: 'cancelled', focusIsElsewhere: false });
    },
    get state() {
      return state;
    },
    onDidChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    end,
  };
}

function rememberDocumentFocus(): () => void {
  const focused = document.activeElement;
  return () => {
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus();
  };
}
