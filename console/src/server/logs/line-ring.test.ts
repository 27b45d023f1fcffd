import { expect, test } from 'vitest';
import { createLineRing, type NewLine } from './line-ring.ts';

const line = (message: string): NewLine => ({ atMs: 1, level: 'info', message });
const lines = (count: number) => Array.from({ length: count }, (_, index) => line(`${index + 1}`));
const texts = (page: { lines: readonly { message: string }[] }) => page.lines.map(({ message }) => message);

test('lines are read page by page, each once', () => {
  const ring = createLineRing(1000);
  expect(ring.lastSeq).toBe(0);
  ring.add(lines(5));
  const first = ring.read(1000, 2);
  expect(first).toMatchObject({ nextSeq: 1002, gap: false });
  expect(texts(first)).toEqual(['1', '2']);
  expect(texts(ring.read(first.nextSeq, 10))).toEqual(['3', '4', '5']);
  expect(ring.read(1005, 10)).toEqual({ lines: [], nextSeq: 1005, gap: false });
});

test('who comes new, or from another life of the server, begins with the newest', () => {
  const ring = createLineRing(1000);
  ring.add(lines(5));
  expect(texts(ring.read(0, 2))).toEqual(['4', '5']);
  expect(texts(ring.read(99_999, 2))).toEqual(['4', '5']);
  expect(createLineRing(1000).read(0, 2)).toEqual({ lines: [], nextSeq: 1000, gap: false });
});

test('whoever is too late is told that lines are missing', () => {
  const ring = createLineRing(1000, 3);
  ring.add(lines(5000));
  expect(ring.size).toBe(3);
  expect(ring.read(1001, 10)).toMatchObject({ gap: true, nextSeq: 6000 });
  expect(texts(ring.read(1001, 10))).toEqual(['4998', '4999', '5000']);
  expect(ring.read(5997, 10).gap).toBe(false);
});

test('long lines take the room of many, but the newest is always there', () => {
  const ring = createLineRing(0, 100, 1000);
  ring.add(Array.from({ length: 10 }, () => line('x'.repeat(300))));
  expect(ring.size).toBe(3);
  ring.add([{ ...line('y'), facts: { long: 'y'.repeat(2000) } }]);
  expect(ring.size).toBe(1);
});
