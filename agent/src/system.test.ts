import { expect, test } from 'vitest';
import { createLogger } from './system.ts';
import { createLogRing } from './telemetry/log-ring.ts';

test('what is logged reaches the ring with what its part says of itself, whatever is printed', () => {
  const ring = createLogRing(() => 1);
  const log = createLogger('silent', ring);
  const part = log.child({ part: 'net' }).child({ folder: 'fld-a' });
  part.error({ error: new Error('no https://cloud.example/s/aB3dE5') }, 'failed');
  part.debug({}, 'nobody asks for this');
  const cursor = ring.follow('debug');
  part.debug({ folder: 'fld-b' }, 'now somebody does');
  expect(cursor.next(10_000, 10).lines).toEqual([
    {
      line: 1,
      atMs: 1,
      level: 'error',
      part: 'net',
      message: 'failed',
      facts: { folder: 'fld-a', error: 'Error: no https://cloud.example/…' },
    },
    { line: 2, atMs: 1, level: 'debug', part: 'net', message: 'now somebody does', facts: { folder: 'fld-b' } },
  ]);
});
