/** The keyboard focus among the parts: where each had it last, and how to give it back. */
import type { Part } from '../services.tsx';

/** The order in which F6 visits the parts. */
export const PART_ORDER: readonly Part[] = ['title', 'activity', 'sideBar', 'editors', 'panel', 'status'];

const FOCUSABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex]';

/** The next part to focus among those that are shown. From outside all of them, the first or last. */
export function nextPart(shown: readonly Part[], current: Part | undefined, by: 1 | -1): Part | undefined {
  if (shown.length === 0) return undefined;
  const at = current === undefined ? -1 : shown.indexOf(current);
  if (at < 0) return by > 0 ? shown[0] : shown.at(-1);
  return shown[(at + by + shown.length) % shown.length];
}

/** Knows the parts on the page by their `data-part`, and what had the focus in each. */
export interface FocusParts {
  /** The part that an element is in. */
  partOf(element: Element | null): Part | undefined;
  /** Parts that are on the page now, in F6's order. */
  shown(): readonly Part[];
  /** Focuses what had the focus in a part last, or its first tab stop, or the part itself. False if it is not there. */
  focus(part: Part): boolean;
  /** Begins to remember what has the focus, until the returned function is called. */
  watch(): () => void;
}

/** Watches the page's focus. */
export function createFocusParts(page: Document): FocusParts {
  const lastIn = new Map<Part, WeakRef<HTMLElement>>();
  const partOf = (element: Element | null) =>
    element?.closest<HTMLElement>('[data-part]')?.dataset.part as Part | undefined;
  const elementOf = (part: Part) => {
    const element = page.querySelector<HTMLElement>(`[data-part="${part}"]`);
    return element?.checkVisibility() ? element : undefined;
  };
  const onFocusIn = (event: FocusEvent) => {
    if (!(event.target instanceof HTMLElement)) return;
    const part = partOf(event.target);
    // A part that was focused itself had nothing in it yet: that is no place to come back to.
    if (part !== undefined && event.target.dataset.part === undefined) lastIn.set(part, new WeakRef(event.target));
  };
  return {
    partOf,
    shown: () => PART_ORDER.filter((part) => elementOf(part) !== undefined),
    focus(part) {
      const element = elementOf(part);
      if (element === undefined) return false;
      const last = lastIn.get(part)?.deref();
      if (last !== undefined && element.contains(last) && last.checkVisibility()) {
        last.focus();
        if (page.activeElement === last) return true;
      }
      const stop = firstStop(element);
      (stop ?? element).focus();
      if (stop?.matches(CONTENT) !== true) handOver(element);
      return true;
    },
    watch() {
      page.addEventListener('focusin', onFocusIn);
      return () => page.removeEventListener('focusin', onFocusIn);
    },
  };
}

/** What a part is there for, where it has one: the row of a tree or a list comes before the tools above it. */
const CONTENT = ['treeitem', 'option', 'row', 'gridcell'].map((role) => `[role="${role}"][tabindex="0"]`).join(', ');

/** The content of a part that is still being filled takes the focus over when it comes, if the part has it still and nobody has pressed a key there. */
function handOver(root: HTMLElement): void {
  const observer = new MutationObserver(() => root.querySelector<HTMLElement>(CONTENT)?.focus());
  observer.observe(root, { childList: true, subtree: true });
  const stop = () => observer.disconnect();
  for (const event of ['focusout', 'keydown'] as const) root.addEventListener(event, stop, { once: true });
}

/** Where a part begins: its content's stop, else the first element that Tab would stop at. */
function firstStop(root: HTMLElement): HTMLElement | undefined {
  for (const element of root.querySelectorAll<HTMLElement>(CONTENT)) if (element.checkVisibility()) return element;
  for (const element of root.querySelectorAll<HTMLElement>(FOCUSABLE)) {
    // A line that resizes is a stop for Tab, not where a part begins.
    if (element.tabIndex >= 0 && element.role !== 'separator' && element.checkVisibility()) return element;
  }
  return undefined;
}
