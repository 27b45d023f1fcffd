import { beforeEach, describe, expect, test } from 'vitest';
import { type FakeClock, fakeClock } from '../../test/fake-clock.ts';
import { memoryLogger } from '../../test/silent-logger.ts';
import { BATCH_ITEMS, type Batcher, type BatcherOptions, createBatcher, FLUSH_EVERY_MS } from './batcher.ts';

interface Item {
  key: string;
  value: number;
}
const item = (value: number, key = String(value)): Item => ({ key, value });

let clock: FakeClock;
let logger: ReturnType<typeof memoryLogger>;
let isDown: boolean;
let poison: Set<number>;
let saved: number[][];

const create = (options: Partial<BatcherOptions<Item>> = {}): Batcher<Item> =>
  createBatcher<Item>({
    name: 'test',
    save: async (items) => {
      if (isDown) throw new Error('connection refused');
      if (items.some(({ value }) => poison.has(value))) throw new Error('invalid input syntax');
      saved.push(items.map(({ value }) => value));
    },
    isRefusal: (error) => String(error).includes('invalid input'),
    maxBytes: 1_000_000,
    clock,
    logger,
    ...options,
  });
const range = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index);

beforeEach(() => {
  clock = fakeClock();
  logger = memoryLogger();
  isDown = false;
  poison = new Set();
  saved = [];
});

describe('batcher', () => {
  test('what arrives within 200 ms goes to the database together', async () => {
    const batcher = create();
    batcher.add(item(1), 1);
    await clock.advance(FLUSH_EVERY_MS - 1);
    batcher.add(item(2), 1);
    expect(saved).toEqual([]);
    await clock.advance(1);
    expect(saved).toEqual([[1, 2]]);
  });

  test('a full batch does not wait', async () => {
    const batcher = create();
    for (const value of range(BATCH_ITEMS + 1)) batcher.add(item(value), 1);
    await clock.advance(0);
    expect(saved).toEqual([range(BATCH_ITEMS)]);
    await clock.advance(FLUSH_EVERY_MS);
    expect(saved.flat()).toEqual(range(BATCH_ITEMS + 1));
  });

  test('large items make small batches', async () => {
    const batcher = create({ maxBytes: 100_000_000 });
    for (const value of range(5)) batcher.add(item(value), 3 * 1024 * 1024);
    await clock.advance(5_000);
    expect(saved).toEqual([[0], [1], [2], [3], [4]]);
  });

  test('while the database is away everything is kept, in order, and saved once when it is back', async () => {
    const batcher = create();
    isDown = true;
    batcher.add(item(1), 1);
    await clock.advance(60_000);
    batcher.add(item(2), 1);
    await clock.advance(60_000);
    isDown = false;
    await clock.advance(10_000);
    expect(saved).toEqual([[1, 2]]);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    batcher.add(item(3), 1);
    await clock.advance(FLUSH_EVERY_MS);
    expect(saved.at(-1)).toEqual([3]);
  });

  test('the queue is bounded: the oldest items go', async () => {
    const batcher = create({ maxBytes: 100 });
    isDown = true;
    batcher.add(item(0), 10);
    await clock.advance(1_000);
    for (const value of range(20, 1)) batcher.add(item(value), 10);
    isDown = false;
    await clock.advance(20_000);
    expect(saved.flat()).toEqual(range(10, 11));
  });

  test.each([[[3]], [[0]], [[99]], [[3, 4, 50]]])(
    'items %j that the database refuses are dropped alone',
    async (bad) => {
      poison = new Set(bad);
      const batcher = create();
      for (const value of range(100)) batcher.add(item(value), 1);
      await clock.advance(FLUSH_EVERY_MS);
      expect(saved.flat()).toEqual(range(100).filter((value) => !poison.has(value)));
      expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(bad.length);
    },
  );

  test('a failure that is not about the items costs none of them', async () => {
    let attempts = 0;
    const batcher = create({
      save: async (items) => {
        attempts += 1;
        if (attempts <= 20) throw new Error('deadlock detected');
        saved.push(items.map(({ value }) => value));
      },
    });
    batcher.add(item(1), 1);
    await clock.advance(600_000);
    expect(saved).toEqual([[1]]);
  });

  test('items with one key become one, also across a failed save', async () => {
    const batcher = create({
      merge: { keyOf: ({ key }) => key, join: (older, newer) => ({ ...newer, value: older.value + newer.value }) },
    });
    isDown = true;
    batcher.add(item(1, 'a'), 1);
    batcher.add(item(10, 'b'), 1);
    await clock.advance(FLUSH_EVERY_MS);
    batcher.add(item(2, 'a'), 1);
    isDown = false;
    await clock.advance(10_000);
    expect(saved).toEqual([[10, 3]]);
  });

  test('close saves what waits and takes no more', async () => {
    const batcher = create();
    for (const value of range(BATCH_ITEMS * 2 + 1)) batcher.add(item(value), 1);
    await batcher.close();
    expect(saved.flat()).toEqual(range(BATCH_ITEMS * 2 + 1));
    batcher.add(item(-1), 1);
    await clock.advance(60_000);
    expect(saved.flat()).not.toContain(-1);
  });

  test('close does not wait for a database that is away', async () => {
    const batcher = create();
    isDown = true;
    batcher.add(item(1), 1);
    await batcher.close();
    expect(saved).toEqual([]);
  });
});
