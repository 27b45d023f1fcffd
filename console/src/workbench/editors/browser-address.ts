/** The address bar and the history of this tab of the browser, as far as the editors use them. */
import { z } from 'zod';
import type { Unsubscribe } from '../services.tsx';

/** The address bar, or a stand-in for it. Addresses are path and query. */
export interface AddressBar {
  readonly origin: string;
  readonly address: string;
  /** Which of the page's own steps this is, if it made it. */
  readonly position: number | undefined;
  push(address: string, position: number): void;
  replace(address: string, position: number): void;
  go(by: 1 | -1): void;
  /** After the browser went to another of the page's steps. */
  onDidMove(listener: () => void): Unsubscribe;
}

const Step = z.looseObject({ harpPosition: z.number() });

/** The window's own. The page's framework watches these calls and adds to each step what it needs to come back to it. */
export function browserAddress(page: Window): AddressBar {
  const { history, location } = page;
  return {
    get origin() {
      return location.origin;
    },
    get address() {
      return `${location.pathname}${location.search}`;
    },
    get position() {
      const step = Step.safeParse(history.state);
      return step.success ? step.data.harpPosition : undefined;
    },
    push: (address, position) => history.pushState({ harpPosition: position }, '', address),
    replace: (address, position) => history.replaceState({ harpPosition: position }, '', address),
    go: (by) => history.go(by),
    onDidMove(listener) {
      page.addEventListener('popstate', listener);
      return () => page.removeEventListener('popstate', listener);
    },
  };
}
