import {
  type AgentId,
  type Desired,
  type FolderId,
  HarpError,
  type Hello,
  PROTOCOL_VERSION,
} from '@harp/broker/protocol';
import { describe, expect, test } from 'vitest';
import { fakeClock } from '../../test/fakes/fake-clock.ts';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { createRoster } from '../peer/roster.ts';
import { createPeerDirectory } from './peer-directory.ts';

const agentId = (letter: string) => letter.repeat(52) as AgentId;
const self = agentId('a');
const bob = agentId('b');
const stranger = agentId('c');
const folder = 'fld-aaaaaaaaaaaaaaaa' as FolderId;

/** A directory whose network is the map `at`: who answers at which address. */
function directoryOn(at: Map<string, AgentId>) {
  const clock = fakeClock();
  const roster = createRoster();
  const hellos: string[] = [];
  const directory = createPeerDirectory({
    self: { agent: self },
    clock,
    random: () => 0.5,
    logger: silentLog,
    roster,
    client: {
      async hello(address, expected): Promise<Hello> {
        hellos.push(address);
        const agent = at.get(address);
        if (agent === undefined || (expected !== undefined && expected !== agent)) {
          throw new HarpError('peer.unreachable', 'refused', { facts: { reason: 'ECONNREFUSED' } });
        }
        return { protocol: PROTOCOL_VERSION, agent, folders: [] };
      },
    },
  });
  const configure = (members: { agent: AgentId; addresses: string[] }[]) =>
    roster.configure({
      policy: { wanStreams: 4, stallMs: 8000 },
      folders: [{ id: folder, name: 'x', origin: null }],
      roster: members.map((member) => ({ ...member, folders: [folder], wanWeight: 1 })),
    } as unknown as Desired);
  const live = () => directory.live().map(({ agent }) => agent);
  return { clock, directory, configure, hellos, live };
}

describe('the peer directory', () => {
  test('finds a member through a roster hint at once, and through mDNS without one', async () => {
    const { clock, directory, configure, live } = directoryOn(new Map([['10.0.0.2:1', bob]]));
    configure([{ agent: bob, addresses: ['10.0.0.2:1'] }]);
    await clock.advance(0);
    expect(live()).toEqual([bob]);
    directory.stop();

    const other = directoryOn(new Map([['10.0.0.2:1', bob]]));
    other.configure([{ agent: bob, addresses: [] }]);
    other.directory.offerAddresses(['10.9.9.9:1', '10.0.0.2:1']);
    await other.clock.advance(0);
    expect(other.live()).toEqual([bob]);
    expect(other.directory.addressOf(bob)).toBe('10.0.0.2:1');
    other.directory.stop();
  });

  test('an agent outside the roster is no peer until the roster lists it', async () => {
    const { clock, directory, configure, live } = directoryOn(new Map([['10.0.0.3:1', stranger]]));
    configure([]);
    directory.offerAddresses(['10.0.0.3:1']);
    await clock.advance(30_000);
    expect(live()).toEqual([]);

    configure([{ agent: stranger, addresses: [] }]);
    await clock.advance(0);
    expect(live()).toEqual([stranger]);
    directory.stop();
  });

  test('is down after the second failure within two seconds, and found again when it is back', async () => {
    const at = new Map([['10.0.0.2:1', bob]]);
    const { clock, directory, configure, live } = directoryOn(at);
    configure([{ agent: bob, addresses: ['10.0.0.2:1'] }]);
    await clock.advance(0);
    at.clear();
    const checking = directory.recheck(bob);
    await clock.advance(2000);
    expect(await checking).toBe(false);
    expect(live()).toEqual([]);

    at.set('10.0.0.2:1', bob);
    await clock.advance(10_000);
    expect(live()).toEqual([bob]);
    directory.stop();
  });

  test('asks a live peer every ten seconds and an unreachable address less and less often', async () => {
    const { clock, directory, configure, hellos } = directoryOn(new Map([['10.0.0.2:1', bob]]));
    configure([{ agent: bob, addresses: ['10.0.0.2:1', '10.0.0.9:1'] }]);
    directory.offerAddresses(['10.0.0.8:1']);
    await clock.advance(600_000);

    const count = (address: string) => hellos.filter((asked) => asked === address).length;
    expect(count('10.0.0.2:1')).toBeGreaterThan(50);
    expect(count('10.0.0.2:1')).toBeLessThan(70);
    expect(count('10.0.0.8:1')).toBeLessThan(20);
    directory.stop();
  });

  test('a peer that restarts at another address is taken there, however much it asks us meanwhile', async () => {
    const at = new Map([['10.0.0.2:1', bob]]);
    const { clock, directory, configure, live } = directoryOn(at);
    configure([{ agent: bob, addresses: ['10.0.0.2:1'] }]);
    await clock.advance(0);

    at.clear();
    at.set('10.0.0.2:2', bob);
    directory.noteHeard(bob);
    configure([{ agent: bob, addresses: ['10.0.0.2:2'] }]);
    for (let turn = 0; turn < 4; turn++) {
      directory.noteHeard(bob);
      await clock.advance(500);
    }

    expect(live()).toEqual([bob]);
    expect(directory.addressOf(bob)).toBe('10.0.0.2:2');
    directory.stop();
  });

  test('a member that is taken off the roster is no peer from that moment', async () => {
    const { clock, directory, configure, live } = directoryOn(new Map([['10.0.0.2:1', bob]]));
    configure([{ agent: bob, addresses: ['10.0.0.2:1'] }]);
    await clock.advance(0);
    configure([]);
    expect(live()).toEqual([]);
    expect(directory.addressOf(bob)).toBeUndefined();
    directory.stop();
  });
});
