import { type AgentEvent, Delivery, type FolderId, limits, Report } from '@harp/broker/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBatch, reportOf, sendable } from './batch.ts';

const plans = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const photos = 'fld-bbbbbbbbbbbbbbbb' as FolderId;
const id = '0123456789abcdefghjkmnpqrs';
const delivered = (folder: FolderId, ...seqs: number[]): AgentEvent => ({
  kind: 'files.delivered',
  atMs: Math.max(...seqs),
  folder,
  files: seqs.map((seq) => Delivery.parse([seq, 0, 10, 0, 5])),
});
const completed = (seq: number): AgentEvent => ({ kind: 'folder.completed', atMs: seq, folder: plans, seq });
const lineBytes = (event: AgentEvent) => Buffer.byteLength(JSON.stringify(event)) + 1;

test('deliveries of one folder travel as one event, in order; other events keep their places', () => {
  const batch = createBatch();
  for (const event of [delivered(plans, 1), completed(1), delivered(photos, 7), delivered(plans, 2, 3)])
    batch.add(event, 1);
  expect(batch.events).toEqual([delivered(plans, 1, 2, 3), completed(1), delivered(photos, 7)]);
});

test('a thousand small files cost a few bytes each', () => {
  const batch = createBatch();
  for (let seq = 1; seq <= 1000; seq++) expect(batch.add(delivered(plans, seq), 110)).toBe(true);
  expect(JSON.stringify(reportOf(id, batch.events)).length).toBeLessThan(20_000);
});

test('every batch is a report within the limits, and nothing given to it is lost', () => {
  const events = fc.array(
    fc.oneof(
      fc
        .array(fc.integer({ min: 1, max: 1e6 }), { minLength: 1, maxLength: 1000 })
        .map((seqs) => delivered(plans, ...seqs)),
      fc.integer({ min: 1, max: 1e6 }).map(completed),
    ),
    { maxLength: 400 },
  );
  fc.assert(
    fc.property(events, (all) => {
      const batch = createBatch();
      const taken = all.slice(0, all.findIndex((event) => !batch.add(event, lineBytes(event))) >>> 0);
      if (taken.length === 0) return;
      const report = reportOf(id, batch.events);
      expect(Report.safeParse(report).success).toBe(true);
      expect(Buffer.byteLength(JSON.stringify(report))).toBeLessThan(limits.mqttPayloadMaxBytes);
      expect(seqsOf(report.events)).toEqual(seqsOf(taken));
    }),
    { numRuns: 30 },
  );
});

test('a full batch refuses, an empty one takes anything', () => {
  const batch = createBatch();
  for (let seq = 1; seq <= 200; seq++) expect(batch.add(completed(seq), 80)).toBe(true);
  expect(batch.add(completed(201), 80)).toBe(false);
  expect(createBatch().add(completed(1), 10_000_000)).toBe(true);
});

test('a long explanation is cut, an event that ingest would refuse is not sent', () => {
  const blocked = (detail: string): AgentEvent => ({
    kind: 'folder.blocked',
    atMs: 1,
    folder: plans,
    code: 'disk.full',
    detail,
  });
  expect(sendable(blocked('x'.repeat(900)))).toEqual(blocked('x'.repeat(500)));
  expect(sendable({ kind: 'folder.unblocked', atMs: 1, folder: 'no folder' as FolderId })).toBeUndefined();
});

function seqsOf(events: readonly AgentEvent[]): number[] {
  return events
    .flatMap((event) =>
      event.kind === 'files.delivered'
        ? event.files.map(([seq]) => seq)
        : event.kind === 'folder.completed'
          ? [-event.seq]
          : [],
    )
    .sort((a, b) => a - b);
}
