import { beforeEach, describe, expect, test } from 'vitest';
import { type FakeClock, fakeClock } from '../../test/fake-clock.ts';
import { silentLogger } from '../../test/silent-logger.ts';
import type { AgentId, FolderId, OfficeId } from '../protocol/index.ts';
import { type FleetRows, openRegistry } from './registry.ts';

const alice = 'a'.repeat(52) as AgentId;
const bob = 'b'.repeat(52) as AgentId;
const berlin = 'off-aaaaaaaaaaaaaaaa' as OfficeId;
const paris = 'off-bbbbbbbbbbbbbbbb' as OfficeId;
const plans = 'fld-aaaaaaaaaaaaaaaa' as FolderId;

let clock: FakeClock;
let rows: FleetRows;
let reads: number;
let isDown: boolean;
let gone: AgentId[];
const open = () =>
  openRegistry({
    read: async () => {
      reads += 1;
      if (isDown) throw new Error('database is down');
      return rows;
    },
    onGone: (agents) => gone.push(...agents),
    clock,
    logger: silentLogger,
  });

beforeEach(() => {
  clock = fakeClock();
  reads = 0;
  isDown = false;
  gone = [];
  rows = {
    agents: [
      { id: alice, officeId: berlin, isRevoked: false },
      { id: bob, officeId: paris, isRevoked: false },
    ],
    folders: [{ officeId: berlin, folderId: plans }],
    blocked: [],
  };
});

describe('registry', () => {
  test('an agent has the folders of its own office only', async () => {
    const registry = await open();
    expect([registry.isActive(alice), registry.hasFolder(alice, plans)]).toEqual([true, true]);
    expect([registry.isActive(bob), registry.hasFolder(bob, plans)]).toEqual([true, false]);
    registry.stop();
  });

  test('who was shut out stays so in everybody’s rights, also when nothing but a block is left', async () => {
    const carol = 'c'.repeat(52) as AgentId;
    rows = {
      ...rows,
      agents: rows.agents.map((agent) => ({ ...agent, isRevoked: agent.id === bob })),
      blocked: [bob, carol],
    };
    const registry = await open();
    expect(registry.rights()).toEqual({ agents: new Map([[alice, new Set([plans])]]), revoked: new Set([bob, carol]) });
    registry.stop();
  });

  test('a revoked agent loses everything, and whoever asked hears of it once', async () => {
    const registry = await open();
    rows = { ...rows, agents: rows.agents.map((agent) => ({ ...agent, isRevoked: agent.id === alice })) };
    registry.invalidate();
    await clock.advance(0);
    expect([registry.isActive(alice), registry.hasFolder(alice, plans)]).toEqual([false, false]);
    expect(gone).toEqual([alice]);
    await registry.refresh();
    expect(gone).toEqual([alice]);
    registry.stop();
  });

  test('an agent whose row is gone counts as revoked', async () => {
    const registry = await open();
    rows = { ...rows, agents: rows.agents.slice(1) };
    await registry.refresh();
    expect(gone).toEqual([alice]);
    registry.stop();
  });

  test('a refresh asked for during a read sees what changed after that read began', async () => {
    const registry = await open();
    const first = registry.refresh();
    rows = { ...rows, agents: [] };
    await registry.refresh();
    await first;
    expect(registry.isActive(alice)).toBe(false);
    registry.stop();
  });

  test('a hundred refusals cause one read, a quarter of a second after the last', async () => {
    const registry = await open();
    const all = Array.from({ length: 100 }, () => registry.reread());
    expect(reads).toBe(1);
    await clock.advance(250);
    await Promise.all(all);
    expect(reads).toBe(2);
    registry.stop();
  });

  test('a missed notification is made up for within half a minute', async () => {
    const registry = await open();
    rows = { ...rows, agents: [] };
    await clock.advance(30_000);
    expect(registry.isActive(alice)).toBe(false);
    registry.stop();
  });

  test('while the database is away the last known fleet holds, and a change is found when it is back', async () => {
    const registry = await open();
    isDown = true;
    rows = { ...rows, agents: [] };
    registry.invalidate();
    await clock.advance(5_000);
    await expect(registry.refresh()).rejects.toThrow('down');
    const asked = registry.reread();
    await clock.advance(250);
    await asked;
    expect(registry.isActive(alice)).toBe(true);
    isDown = false;
    await clock.advance(1_000);
    expect(registry.isActive(alice)).toBe(false);
    registry.stop();
  });

  test('stopped, it reads no more', async () => {
    const registry = await open();
    registry.stop();
    await clock.advance(120_000);
    expect(reads).toBe(1);
  });
});
