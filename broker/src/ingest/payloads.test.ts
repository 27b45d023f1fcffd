import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentEvent, AgentId, FolderId, Telemetry } from '../protocol/index.ts';
import { clampInstant } from './clamp-instant.ts';
import type { Receipt } from './intake.ts';
import { mergePresence, readPresence } from './presence.ts';
import { readReport } from './report.ts';
import { readReported } from './reported.ts';
import { readTelemetry } from './telemetry.ts';

const agent = 'a'.repeat(52) as AgentId;
const folder = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const receivedAtMs = Date.UTC(2026, 10, 22, 12);
const receipt: Receipt = { agent, receivedAtMs };
const DAY_MS = 24 * 60 * 60_000;
const id = '01jd3v8q9r5s6t7v8w9x0yzabc';
const json = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('hostile payloads', () => {
  const reported = {
    v: 1,
    atMs: 0,
    protocol: 1,
    version: '1',
    hostname: 'pc',
    platform: 'linux',
    addresses: [],
    peers: [],
    desiredRevision: 0,
    folders: [],
  };
  test.each([
    { name: 'nothing', payload: Buffer.alloc(0) },
    { name: 'bytes that are not UTF-8', payload: Buffer.from([0xff, 0xfe, 0x00]) },
    { name: 'half a JSON text', payload: Buffer.from('{"v":1,') },
    { name: 'null', payload: json(null) },
    { name: 'a list', payload: json([]) },
    { name: 'deep nesting', payload: Buffer.from('['.repeat(50_000) + ']'.repeat(50_000)) },
    { name: 'another version', payload: json({ ...reported, v: 2 }) },
    { name: 'a NUL in a name', payload: json({ ...reported, hostname: 'a\0b' }) },
    { name: 'half a character in a name', payload: Buffer.from(JSON.stringify({ ...reported, hostname: '\ud800' })) },
  ])('$name is refused by every reader', ({ payload }) => {
    expect(readPresence(payload, receipt, false)).toBeUndefined();
    expect(readTelemetry(payload, receipt)).toBeUndefined();
    expect(readReport(payload, receipt)).toBeUndefined();
    expect(readReported(payload, receipt)).toBeUndefined();
  });

  test('no reader throws, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => Buffer.from(text)),
        ),
        (bytes) => {
          const payload = Buffer.from(bytes);
          readPresence(payload, receipt, true);
          readTelemetry(payload, receipt);
          readReport(payload, receipt);
          readReported(payload, receipt);
        },
      ),
    );
  });

  test('what a newer agent adds to its state is left out, the rest is kept', () => {
    const row = readReported(json({ ...reported, mood: 'good' }), receipt);
    expect(row).toEqual({ agent, reported, receivedAtMs });
  });
});

describe('readTelemetry', () => {
  const traffic = { folder, fromPeers: 1, fromOrigin: 2, fromLocal: 3, served: 4, wasted: 5 };
  const telemetry: Telemetry = {
    v: 1,
    atMs: receivedAtMs,
    intervalMs: 10_000,
    peers: 0,
    rssBytes: 0,
    cpuMs: 0,
    traffic: [traffic],
  };

  test('gives one row per folder in which something moved', () => {
    const idle = { ...traffic, fromPeers: 0, fromOrigin: 0, fromLocal: 0, served: 0, wasted: 0 };
    const { folder: _, ...bytes } = traffic;
    expect(readTelemetry(json({ ...telemetry, traffic: [traffic, idle] }), receipt)).toEqual([
      { agent, folder, atMs: receivedAtMs, intervalMs: 10_000, ...bytes },
    ]);
    expect(readTelemetry(json({ ...telemetry, traffic: [] }), receipt)).toEqual([]);
  });

  test.each([
    { name: 'a negative count', change: { traffic: [{ ...traffic, served: -1 }] } },
    { name: 'a fraction', change: { traffic: [{ ...traffic, served: 0.5 }] } },
    { name: 'more than 2^53', change: { traffic: [{ ...traffic, served: 2 ** 60 }] } },
    { name: 'a folder that is none', change: { traffic: [{ ...traffic, folder: 'x' }] } },
    { name: '201 folders', change: { traffic: Array.from({ length: 201 }, () => traffic) } },
  ])('refuses $name', ({ change }) => {
    expect(readTelemetry(json({ ...telemetry, ...change }), receipt)).toBeUndefined();
  });

  test('an interval longer than an integer holds is cut', () => {
    const rows = readTelemetry(json({ ...telemetry, intervalMs: Number.MAX_SAFE_INTEGER }), receipt);
    expect(rows?.[0]?.intervalMs).toBe(2 ** 31 - 1);
  });
});

describe('clampInstant', () => {
  test.each([
    { name: 'now', atMs: receivedAtMs, clamped: receivedAtMs },
    { name: 'an hour ago', atMs: receivedAtMs - 3_600_000, clamped: receivedAtMs - 3_600_000 },
    { name: 'in an hour', atMs: receivedAtMs + 3_600_000, clamped: receivedAtMs + 3_600_000 },
    { name: 'in 1970', atMs: 0, clamped: receivedAtMs - DAY_MS },
    { name: 'beyond what a date holds', atMs: Number.MAX_SAFE_INTEGER, clamped: receivedAtMs + DAY_MS },
    { name: 'before what a date holds', atMs: Number.MIN_SAFE_INTEGER, clamped: receivedAtMs - DAY_MS },
  ])('$name', ({ atMs, clamped }) => expect(clampInstant(atMs, receivedAtMs)).toBe(clamped));
});

describe('readReport', () => {
  const blocked: AgentEvent = { kind: 'folder.blocked', atMs: receivedAtMs, folder, code: 'disk.full', detail: '' };
  const report = (...events: unknown[]) => json({ v: 1, id, events });

  test('deliveries become rows of their own, other events keep their fields', () => {
    const delivered: AgentEvent = {
      kind: 'files.delivered',
      atMs: receivedAtMs,
      folder,
      files: [
        [1, 10, 20, 30, 40],
        [2, 0, 0, 0, 2 ** 40],
      ],
    };
    expect(readReport(report(delivered, blocked), receipt)).toEqual({
      unknownEvents: 0,
      report: {
        id,
        agent,
        receivedAtMs,
        deliveries: [
          { agent, folder, seq: 1, atMs: receivedAtMs, fromPeers: 10, fromOrigin: 20, fromLocal: 30, tookMs: 40 },
          { agent, folder, seq: 2, atMs: receivedAtMs, fromPeers: 0, fromOrigin: 0, fromLocal: 0, tookMs: 2 ** 31 - 1 },
        ],
        events: [
          {
            id: `${id}.1`,
            agent,
            atMs: receivedAtMs,
            kind: 'folder.blocked',
            folder,
            body: { folder, code: 'disk.full', detail: '' },
          },
        ],
      },
    });
  });

  test.each([
    { name: 'a kind of a newer agent', event: { kind: 'agent.slept', atMs: 0 } },
    { name: 'an event without its fields', event: { kind: 'folder.blocked' } },
    { name: 'a list', event: [] },
    {
      name: 'a delivery whose number no chain can have',
      event: { kind: 'files.delivered', atMs: 0, folder, files: [[2 ** 40, 0, 0, 0, 0]] },
    },
  ])('$name is left out and counted; the rest of its report is kept', ({ event }) => {
    const read = readReport(report(event, blocked), receipt);
    expect(read?.unknownEvents).toBe(1);
    expect(read?.report).toMatchObject({ deliveries: [], events: [{ id: `${id}.1` }] });
  });

  test.each([
    { name: 'a bad id', payload: json({ v: 1, id: 'x', events: [blocked] }) },
    { name: 'no events', payload: report() },
    { name: '201 events', payload: report(...Array.from({ length: 201 }, () => blocked)) },
  ])('$name makes the whole report unreadable', ({ payload }) => {
    expect(readReport(payload, receipt)).toBeUndefined();
  });
});

describe('presence', () => {
  const online = json({ v: 1, online: true, atMs: 0 });
  const offline = json({ v: 1, online: false, atMs: 0 });

  test('a live message says when the agent was heard, a retained one does not', () => {
    expect(readPresence(online, receipt, false)).toEqual({ agent, online: true, seenAtMs: receivedAtMs });
    expect(readPresence(offline, receipt, true)).toEqual({ agent, online: false });
  });

  test('of several rows the newest decides, and the last sighting is kept', () => {
    const seen = readPresence(online, receipt, false)!;
    const will = readPresence(offline, receipt, true)!;
    expect(mergePresence(seen, will)).toEqual({ agent, online: false, seenAtMs: receivedAtMs });
    expect(mergePresence(will, seen)).toEqual({ agent, online: true, seenAtMs: receivedAtMs });
  });
});
