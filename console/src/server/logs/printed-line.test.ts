import pino from 'pino';
import { expect, test } from 'vitest';
import { copiedLines } from './copied-lines.ts';
import { partLogger } from './part-logger.ts';
import { readPrintedLine } from './printed-line.ts';

test('what pino prints is read as it was said, and printed as ever', () => {
  const printed: string[] = [];
  const copied: string[] = [];
  const sink = copiedLines({ write: (line) => void printed.push(line) }, (line) => void copied.push(line));
  const logger = pino({ base: { process: 'console' } }, sink);
  partLogger(logger, 'indexer').warn({ folder: 'Plans', password: 'x' }, 'a folder cannot be indexed');
  logger.fatal({ err: new Error('no postgres://harp:secret@db/harp') }, 'console server failed');
  expect(copied).toEqual(printed);
  const [first, second] = copied.map(readPrintedLine);
  expect(first).toEqual({
    atMs: expect.any(Number),
    level: 'warn',
    part: 'indexer',
    message: 'a folder cannot be indexed',
    facts: { folder: 'Plans', password: '…' },
  });
  expect(second).toMatchObject({ level: 'error', message: 'console server failed' });
  expect(JSON.stringify(second)).toContain('postgres://db/…');
  expect(JSON.stringify(second)).not.toContain('secret');
});

test.each(['', 'Next.js 16.4', '{}', '[]', '{"level":"info","time":1}', 'null'])('%j is no line', (text) => {
  expect(readPrintedLine(text)).toBeUndefined();
});
