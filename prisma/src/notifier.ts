import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { messageOf } from './errors.ts';
import { type DatabaseLogger, silentLogger } from './logger.ts';

/** PostgreSQL's LISTEN and NOTIFY. Payloads are hints (less than 8000 bytes): whoever hears one reads the database again. */
export interface Notifier {
  /**
   * Calls `listener` for each notification on `channel` until disposed.
   *
   * It is also called, with an empty payload, whenever listening has become effective: soon after the start, and each time
   * the connection was lost and is back. Something may have happened before that, so the listener need not read first.
   */
  listen(channel: string, listener: (payload: string) => void): Disposable;
  /** Sends a notification; rejects when the server does not answer. */
  notify(channel: string, payload: string): Promise<void>;
  /** Ends the connections; no listener is called from now on. */
  close(): Promise<void>;
}

/** What a notifier may be given; `random` returns a number in [0, 1). */
export interface NotifierOptions {
  readonly logger?: DatabaseLogger;
  readonly random?: () => number;
}

const shortestDelayMs = 100;
const longestDelayMs = 10_000;
const connectTimeoutMs = 10_000;

/**
 * Milliseconds to wait after `failures` attempts in a row: doubling, and half of it random, so that the processes of a
 * server that was restarted do not come back all at once.
 */
export function reconnectDelayMs(failures: number, random: number): number {
  const ceiling = Math.min(longestDelayMs, shortestDelayMs * 2 ** failures);
  return Math.round((ceiling / 2) * (1 + random));
}

/** A notifier on `url`. It connects when the first listener arrives, and again until it is closed. */
export function createNotifier(url: string, options: NotifierOptions = {}): Notifier {
  return new PostgresNotifier(url, options.logger ?? silentLogger, options.random ?? Math.random);
}

type Listener = (payload: string) => void;

class PostgresNotifier implements Notifier {
  readonly #url: string;
  readonly #logger: DatabaseLogger;
  readonly #random: () => number;
  readonly #closing = new AbortController();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #sender: pg.Pool;
  #session: pg.Client | undefined;
  #running: Promise<void> | undefined;
  /** The last statement given to the session: a session of pg takes one at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(url: string, logger: DatabaseLogger, random: () => number) {
    this.#url = url;
    this.#logger = logger;
    this.#random = random;
    this.#sender = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: connectTimeoutMs });
    this.#sender.on('error', (error) => this.#logger.warn({ error: error.message }, 'lost an idle connection'));
  }

  listen(channel: string, listener: Listener): Disposable {
    if (this.#closing.signal.aborted) throw new Error('the notifier is closed');
    // Wrapped, so that one function may listen twice.
    const own: Listener = (payload) => listener(payload);
    const known = this.#listeners.get(channel);
    if (known) known.add(own);
    else {
      this.#listeners.set(channel, new Set([own]));
      if (this.#session) void this.#subscribe(this.#session, channel);
    }
    this.#running ??= this.#run();
    return {
      [Symbol.dispose]: () => {
        const set = this.#listeners.get(channel);
        if (!set?.delete(own) || set.size > 0) return;
        this.#listeners.delete(channel);
        const session = this.#session;
        // Left undone if the session breaks: the next one does not listen to the channel anyway.
        if (session) this.#inTurn(session, `UNLISTEN ${pg.escapeIdentifier(channel)}`).catch(() => {});
      },
    };
  }

  async notify(channel: string, payload: string): Promise<void> {
    await this.#sender.query('SELECT pg_notify($1, $2)', [channel, payload]);
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#listeners.clear();
    this.#closing.abort();
    await Promise.all([this.#running, this.#sender.end()]);
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#listenOnce(() => {
          failures = 0;
        });
      } catch (error) {
        if (!signal.aborted) this.#logger.warn({ error: messageOf(error) }, 'cannot listen for notifications');
      }
      // An abort is no failure of the delay; the loop sees it.
      await delay(reconnectDelayMs(failures, this.#random()), undefined, { signal }).catch(() => {});
      failures += 1;
    }
  }

  /** One session, from its first moment to its end. */
  async #listenOnce(connected: () => void): Promise<void> {
    const session = new pg.Client({
      connectionString: this.#url,
      connectionTimeoutMillis: connectTimeoutMs,
      // Finds out about a server that went without a word.
      keepAlive: true,
    });
    const { signal } = this.#closing;
    const end = () => void session.end().catch(() => {});
    const ended = new Promise<void>((resolve) => session.once('end', () => resolve()));
    session.on('error', (error) =>
      this.#logger.warn({ error: error.message }, 'lost the connection for notifications'),
    );
    session.on('notification', ({ channel, payload }) => this.#tell(channel, payload ?? ''));
    signal.addEventListener('abort', end);
    try {
      await session.connect();
      if (signal.aborted) return;
      connected();
      this.#session = session;
      for (const channel of this.#listeners.keys()) void this.#subscribe(session, channel);
      await ended;
    } finally {
      this.#session = undefined;
      signal.removeEventListener('abort', end);
      await session.end().catch(() => {});
    }
  }

  /** A session that cannot listen is of no use: it ends, and the next one listens to everything again. */
  async #subscribe(session: pg.Client, channel: string): Promise<void> {
    try {
      await this.#inTurn(session, `LISTEN ${pg.escapeIdentifier(channel)}`);
      this.#tell(channel, '');
    } catch {
      await session.end().catch(() => {});
    }
  }

  /** Runs a statement when the one before it has ended, however it ended. */
  #inTurn(session: pg.Client, sql: string): Promise<unknown> {
    const turn = this.#turn.then(() => session.query(sql));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #tell(channel: string, payload: string): void {
    for (const listener of [...(this.#listeners.get(channel) ?? [])]) listener(payload);
  }
}
