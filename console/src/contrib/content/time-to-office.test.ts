import { expect, test } from 'vitest';
import type { TimeToOffice } from '../../api/schemas.ts';
import { fleetReachedMs, MAX_LINES, officeTimes, reachedMs, stepLines } from './time-to-office.ts';

const CHANGED_AT_MS = 1_000_000;

const office = (name: string, agentsTotal: number, doneAfterMs: number[]): TimeToOffice['offices'][number] => ({
  officeId: `ofc-${name}`,
  officeName: name,
  agentsTotal,
  points: doneAfterMs.map((afterMs, index) => ({ atMs: CHANGED_AT_MS + afterMs, agentsDone: index + 1, agentsTotal })),
});

const data = (...offices: TimeToOffice['offices']): TimeToOffice => ({
  folderId: 'fld-a',
  change: { seq: 7, path: 'a.bin', atMs: CHANGED_AT_MS, sizeBytes: 100 },
  offices,
});

test('half, nine tenths and all of an office', () => {
  const [times] = officeTimes(data(office('north', 4, [100, 200, 300, 400])));
  expect(times).toMatchObject({ agentsDone: 4, to50Ms: 200, to90Ms: 400, to100Ms: 400 });
});

test('what has not come so far has no time', () => {
  const [times] = officeTimes(data(office('north', 4, [100, 200])));
  expect(times).toMatchObject({ agentsDone: 2, to50Ms: 200, to90Ms: null, to100Ms: null });
});

test('a clock that runs ahead never makes a delivery come before its change', () => {
  expect(reachedMs(office('north', 1, [-5000]), 1, CHANGED_AT_MS)).toBe(0);
});

test('an office without PCs has no times, and stands last', () => {
  const times = officeTimes(data(office('empty', 0, []), office('north', 1, [5])));
  expect(times.map(({ officeName }) => officeName)).toEqual(['north', 'empty']);
  expect(times[1]).toMatchObject({ to50Ms: null, to100Ms: null });
});

test('the slowest office comes first: those that wait, then by the time to 90 %', () => {
  const times = officeTimes(
    data(office('quick', 2, [1, 2]), office('half', 2, [1]), office('nobody', 2, []), office('slow', 2, [1, 900])),
  );
  expect(times.map(({ officeName }) => officeName)).toEqual(['nobody', 'half', 'slow', 'quick']);
});

test('percentiles are of all PCs, wherever they are', () => {
  const all = data(office('north', 2, [100, 400]), office('south', 2, [200, 300]));
  expect(fleetReachedMs(all, 0.5)).toBe(200);
  expect(fleetReachedMs(all, 0.95)).toBe(400);
  expect(fleetReachedMs(data(office('north', 20, [1])), 0.95)).toBeNull();
});

test('curves begin at nothing, never fall, and end where the axis ends', () => {
  const { lines, toMs } = stepLines(data(office('north', 2, [100, 4000])));
  expect(lines[0]?.points).toEqual([
    { afterMs: 0, share: 0 },
    { afterMs: 100, share: 0.5 },
    { afterMs: 4000, share: 1 },
    { afterMs: 4200, share: 1 },
  ]);
  expect(toMs).toBe(4200);
});

test('no more lines than can be told apart, by the slowest offices', () => {
  const many = Array.from({ length: 9 }, (_, index) => office(`o${index}`, 1, [index]));
  const { lines } = stepLines(data(...many));
  expect(lines).toHaveLength(MAX_LINES);
  expect(lines[0]?.label).toBe('o8');
});

test('without a change there is nothing to draw', () => {
  const none: TimeToOffice = { folderId: 'fld-a', change: null, offices: [] };
  expect(stepLines(none).lines).toEqual([]);
  expect(officeTimes(none)).toEqual([]);
  expect(fleetReachedMs(none, 0.5)).toBeNull();
});
