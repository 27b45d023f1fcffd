import { setMaxListeners } from 'node:events';

/** An abort that many things wait for at the same time: Node warns of a leak above ten listeners, which here is one per peer or chunk. */
export function fanOutAbort(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
