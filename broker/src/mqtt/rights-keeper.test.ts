import { beforeEach, describe, expect, test } from 'vitest';
import { type FakeClock, fakeClock } from '../../test/fake-clock.ts';
import { memoryLogger } from '../../test/silent-logger.ts';
import type { AgentId, FolderId } from '../protocol/index.ts';
import { createRightsKeeper, type RightsKeeper } from './rights-keeper.ts';

const alice = 'a'.repeat(52) as AgentId;
const plans = 'fld-aaaaaaaaaaaaaaaa' as FolderId;
const bob = 'b'.repeat(52) as AgentId;

let clock: FakeClock;
let logger: ReturnType<typeof memoryLogger>;
let active: Set<AgentId>;
/** What stands in the file, and what the broker has read of it. */
let file: string | undefined;
let inForce: string | undefined;
let reloads: boolean;
let told: string[];
let keeper: RightsKeeper;

beforeEach(() => {
  clock = fakeClock();
  logger = memoryLogger();
  active = new Set([alice, bob]);
  file = undefined;
  inForce = undefined;
  reloads = true;
  told = [];
  keeper = createRightsKeeper({
    rights: () => ({
      agents: new Map([...active].map((agent) => [agent, new Set([plans])])),
      revoked: new Set([alice, bob].filter((agent) => !active.has(agent))),
    }),
    read: async () => file,
    async write(text) {
      told.push('write');
      file = text;
    },
    async reload() {
      told.push('reload');
      if (reloads) inForce = file;
    },
    goesBy: async (digest) => inForce?.includes(digest) ?? false,
    async cutOff(agents) {
      told.push(
        `cut off ${agents.map((agent) => agent[0]).join()}, ${inForce?.includes(`${agents[0]}\ntopic deny #`) ? 'may not' : 'may'}`,
      );
    },
    clock,
    logger,
  });
});

describe('the rights keeper', () => {
  test('writes the file once for one fleet, and has it read', async () => {
    keeper.changed();
    await keeper.settled();
    keeper.changed();
    await keeper.settled();
    expect(told).toEqual(['write', 'reload']);
    expect(inForce).toContain(alice);
    expect(keeper.behind).toBeUndefined();
  });

  test('leaves a broker alone that has read the right file already', async () => {
    keeper.changed();
    await keeper.settled();
    told.length = 0;
    keeper.doubt();
    await keeper.settled();
    expect(told).toEqual([]);
  });

  test('cuts an agent off while its last will may still go out, and again when it may nothing any more', async () => {
    keeper.changed();
    await keeper.settled();
    told.length = 0;
    active.delete(alice);
    keeper.changed([alice]);
    await keeper.settled();
    expect(told).toEqual(['cut off a, may', 'write', 'reload', 'cut off a, may not']);
  });

  test('a broker that does not read the file is said to be behind, and tried again until it does', async () => {
    reloads = false;
    keeper.changed();
    await keeper.settled();
    expect(keeper.behind).toMatchObject({ cause: 'it was not heard to use them' });
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    reloads = true;
    await clock.advance(2_000);
    await keeper.settled();
    expect(keeper.behind).toBeUndefined();
  });

  test('an agent that was revoked while the broker was behind is cut off again when it is not', async () => {
    keeper.changed();
    await keeper.settled();
    reloads = false;
    active.delete(bob);
    keeper.changed([bob]);
    await keeper.settled();
    told.length = 0;
    reloads = true;
    await clock.advance(2_000);
    await keeper.settled();
    expect(told.at(-1)).toBe('cut off b, may not');
  });

  test('who waits is not kept for ever', async () => {
    reloads = false;
    keeper.changed();
    await keeper.settled();
    keeper.changed();
    const waiting = keeper.settled();
    keeper.stop();
    await waiting;
  });
});
