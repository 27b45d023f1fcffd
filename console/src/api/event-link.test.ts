import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type EventSourceLike, openEventLink } from './event-link.ts';

class Source implements EventSourceLike {
  readyState = 0;
  readonly address: string;
  readonly #listeners = new Map<string, (event: MessageEvent<unknown>) => void>();

  constructor(address: string) {
    this.address = address;
  }

  addEventListener(name: string, listener: (event: MessageEvent<unknown>) => void): void {
    this.#listeners.set(name, listener);
  }

  close(): void {
    this.readyState = 2;
  }

  say(name: string, data: unknown = '', lastEventId = ''): void {
    this.#listeners.get(name)?.({ data, lastEventId } as MessageEvent<unknown>);
  }

  fail(readyState: number): void {
    this.readyState = readyState;
    this.say('error');
  }
}

let sources: Source[] = [];
let heard: unknown[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  sources = [];
  heard = [];
});
afterEach(() => vi.useRealTimers());

const newest = () => sources.at(-1)!;
const start = () =>
  openEventLink({
    address: (lastId) => `/stream?since=${lastId ?? ''}`,
    events: { news: (data) => heard.push(data) },
    onOpen: () => heard.push('open'),
    onLost: (refused) => heard.push(refused ? 'refused' : 'lost'),
    connect(address) {
      const source = new Source(address);
      sources.push(source);
      return source;
    },
  });

test('goes on after the last event that had an id', () => {
  start();
  newest().say('open');
  newest().say('news', 'a', 'id-1');
  newest().say('news', 'b', '');
  newest().fail(0);
  vi.advanceTimersByTime(500);
  expect(sources.map(({ address }) => address)).toEqual(['/stream?since=', '/stream?since=id-1']);
  expect(heard).toEqual(['open', 'a', 'b', 'lost']);
});

test('comes back after an answer that is no stream, at which a browser gives up', () => {
  start();
  newest().fail(2);
  expect(heard).toEqual(['refused']);
  vi.advanceTimersByTime(500);
  newest().say('open');
  expect(heard).toEqual(['refused', 'open']);
});

test('does not leave the waiting to the browser, which the stream could tell to wait for days', () => {
  start();
  const [first] = sources;
  newest().say('open');
  newest().fail(0);
  expect(first?.readyState).toBe(2);
  expect(sources).toHaveLength(1);
  vi.advanceTimersByTime(500);
  expect(sources).toHaveLength(2);
});

test('tries less and less often while nothing holds, and at least every four seconds', () => {
  start();
  const waits = Array.from({ length: 6 }, () => {
    const before = sources.length;
    newest().say('open');
    newest().fail(0);
    let waited = 0;
    while (sources.length === before) {
      vi.advanceTimersByTime(100);
      waited += 100;
    }
    return waited;
  });
  expect(waits).toEqual([500, 1000, 2000, 4000, 4000, 4000]);
  newest().say('open');
  vi.advanceTimersByTime(5000);
  newest().fail(0);
  vi.advanceTimersByTime(500);
  expect(sources).toHaveLength(8);
});

test('an ended one says and does nothing more', () => {
  const end = start();
  newest().fail(0);
  end();
  vi.advanceTimersByTime(60_000);
  expect(sources).toHaveLength(1);
  const endOpen = start();
  endOpen();
  newest().fail(0);
  vi.advanceTimersByTime(60_000);
  expect(sources).toHaveLength(2);
  expect(heard).toEqual(['lost']);
});
