/** PCs whose question is kept open until there is news of them. Woken by notifications; bounded, because anybody may ask. */
import type { Clock } from '../ports.ts';
import type { EnrolmentRequestId } from '../protocol/index.ts';

/** Questions kept open at one time, and of one site. Whoever comes beyond is answered at once and told to come back. */
const MAX_OPEN = 1000;
const MAX_OPEN_A_SITE = 200;

export interface WaitingRoom {
  /** A place for one question of `site`; undefined if there is none left. */
  enter(site: string): { leave(): void } | undefined;
  /** Resolves when there is news of `request`, or after `ms`. Ask before you look, so that nothing is missed in between. */
  news(request: EnrolmentRequestId, ms: number): { heard: Promise<void>; cancel(): void };
  /** There is news of `request`; empty: of any. */
  tell(request: string): void;
}

export function createWaitingRoom(clock: Clock): WaitingRoom {
  const waiting = new Map<string, Set<() => void>>();
  const sites = new Map<string, number>();
  let open = 0;

  const wakeAll = (request: string): void => {
    for (const wake of [...(waiting.get(request) ?? [])]) wake();
  };

  return {
    enter(site) {
      const ofSite = sites.get(site) ?? 0;
      if (open >= MAX_OPEN || ofSite >= MAX_OPEN_A_SITE) return undefined;
      open += 1;
      sites.set(site, ofSite + 1);
      return {
        leave() {
          open -= 1;
          const left = sites.get(site)! - 1;
          if (left === 0) sites.delete(site);
          else sites.set(site, left);
        },
      };
    },
    news(request, ms) {
      let wake = () => {};
      const heard = new Promise<void>((resolve) => {
        const callOff = clock.after(ms, () => wake());
        wake = () => {
          callOff();
          const others = waiting.get(request);
          others?.delete(wake);
          if (others?.size === 0) waiting.delete(request);
          resolve();
        };
        waiting.set(request, (waiting.get(request) ?? new Set()).add(wake));
      });
      return { heard, cancel: () => wake() };
    },
    tell(request) {
      if (request === '') for (const each of [...waiting.keys()]) wakeAll(each);
      else wakeAll(request);
    },
  };
}
