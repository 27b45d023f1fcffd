/** Typing comes in bursts; a provider that asks a server waits for the end of one. */
const PAUSE_MS = 80;

/** Waits a moment before a server is asked. False when the query has changed meanwhile: then there is nothing to ask. */
export function pauseBeforeAsking(signal: AbortSignal, pauseMs = PAUSE_MS): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (goOn: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(goOn);
    };
    const onAbort = () => end(false);
    const timer = setTimeout(() => end(true), pauseMs);
    signal.addEventListener('abort', onAbort);
  });
}
