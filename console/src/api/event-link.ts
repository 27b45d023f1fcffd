/**
 * A stream of server-sent events that comes back by itself. What the browser offers is not enough: its own reconnecting ends for good at any answer
 * that is no stream, such as a proxy's page while the server starts again, and else waits as long as the stream told it to, be it for days.
 */

/** What is needed of an EventSource. */
export interface EventSourceLike {
  readonly readyState: number;
  addEventListener(name: string, listener: (event: MessageEvent<unknown>) => void): void;
  close(): void;
}

export interface EventLinkOptions {
  /** Where the stream goes on after the event `lastId`; undefined before the first event that had an id. */
  address(lastId: string | undefined): string;
  /** What to do with an event, by its name. */
  events: Readonly<Record<string, (data: unknown) => void>>;
  onOpen?(): void;
  /** Called after every attempt that failed. `refused`: something answered, but with no stream. */
  onLost?(refused: boolean): void;
  connect?(address: string): EventSourceLike;
}

/** How long after a loss the stream is opened again, in milliseconds; the last is how often it is tried from then on. */
const RETRY_MS = [500, 1000, 2000, 4000] as const;
/** A stream that held for so long was a good one, in milliseconds; one that breaks sooner counts as a failed attempt. */
const STEADY_MS = 5000;
const CLOSED = 2;

/**
 * Opens the stream and keeps it open.
 *
 * @returns ends it
 */
export function openEventLink(options: EventLinkOptions): () => void {
  const { address, events, onOpen, onLost, connect = (at) => new EventSource(at) } = options;
  let lastId: string | undefined;
  let failures = 0;
  let source: EventSourceLike | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = () => {
    const opened = connect(address(lastId));
    let openedAtMs: number | undefined;
    source = opened;
    opened.addEventListener('open', () => {
      openedAtMs = performance.now();
      onOpen?.();
    });
    for (const [name, take] of Object.entries(events)) {
      opened.addEventListener(name, ({ data, lastEventId }) => {
        if (lastEventId !== '') lastId = lastEventId;
        take(data);
      });
    }
    opened.addEventListener('error', () => {
      if (source !== opened) return;
      const refused = opened.readyState === CLOSED;
      opened.close();
      source = undefined;
      if (openedAtMs !== undefined && performance.now() - openedAtMs >= STEADY_MS) failures = 0;
      timer = setTimeout(open, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
      failures += 1;
      onLost?.(refused);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
}
