import { HarpError, isHarpError } from '@harp/broker/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  addFile,
  folder,
  otherFolder,
  seesPeers,
  startOffice,
  type TestAgent,
  type TestOffice,
} from '../../test/fakes/net-office.ts';
import { PIPELINED } from '../origin/connection.ts';
import type { ChunkWanted } from '../ports.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
/** Real sockets and TLS on whatever machine runs this. */
const SLOW = { timeout: 120_000 };

let office: TestOffice;
afterEach(() => office.close());

async function coldOffice(count: number, policy: Parameters<typeof startOffice>[0] = {}): Promise<TestOffice> {
  office = await startOffice(policy);
  for (let i = 0; i < count; i++) await office.join();
  office.configure();
  await office.settled();
  return office;
}

function everybodyHolds(wanted: readonly ChunkWanted[]): boolean {
  return office.agents.every(({ chunks }) => wanted.every(({ id }) => chunks.has(id)));
}

function sizeOf(wanted: readonly ChunkWanted[]): number {
  return wanted.reduce((sum, { size }) => sum + size, 0);
}

/** Resolves when `agent` holds `count` chunks. */
function holds(agent: TestAgent, count: number): Promise<void> {
  return new Promise((resolve) => {
    const listening = agent.chunks.onDidStore(() => {
      if (agent.chunks.arrivals.length < count) return;
      listening.dispose();
      resolve();
    });
  });
}

function codeOf(error: unknown): string {
  return isHarpError(error) ? error.code : String(error);
}

describe('a cold office', () => {
  test.each([1, 3, 6, 20])('of %i agents fetches every byte over the WAN exactly once', SLOW, async (count) => {
    await coldOffice(count);
    const { origin, agents } = office;
    const wanted = [addFile(origin, 'a/plan ä.bin', 9 * MiB + 77, 256 * KiB), addFile(origin, 'b.bin', MiB)].flat();

    const came = await Promise.all(agents.map((agent) => agent.fetch(wanted)));

    expect(everybodyHolds(wanted)).toBe(true);
    expect(origin.bytesSent).toBe(sizeOf(wanted));
    expect(origin.busiest).toBeLessThanOrEqual(4);
    expect(came.reduce((sum, { origin: chunks }) => sum + chunks, 0)).toBe(wanted.length);
    expect(agents.reduce((sum, { meter }) => sum + meter.totals.fromOrigin, 0)).toBe(sizeOf(wanted));
    expect(agents.every(({ meter }) => meter.totals.wasted === 0)).toBe(true);
  });

  test('asks once for each of many small files, without a range', SLOW, async () => {
    await coldOffice(3);
    const wanted = Array.from({ length: 200 }, (_, index) => addFile(office.origin, `s/${index}.txt`, 10_000)).flat();

    await Promise.all(office.agents.map((agent) => agent.fetch(wanted)));

    expect(everybodyHolds(wanted)).toBe(true);
    expect(office.origin.requests.map(({ path }) => path).sort()).toEqual(wanted.map(({ path }) => path).sort());
    expect(office.origin.requests.every(({ range }) => range === undefined)).toBe(true);
  });

  test('shares the chunks of a file before the file is complete', SLOW, async () => {
    await coldOffice(2, { wanStreams: 1 });
    office.origin.bytesPerSecond = 4 * MiB;
    const wanted = addFile(office.origin, 'a.bin', 4 * MiB, 256 * KiB);
    const [a, b] = office.agents as [TestAgent, TestAgent];
    const early = Promise.all([holds(a, 3), holds(b, 3)]).then(() => office.origin.bytesSent);

    await Promise.all(office.agents.map((agent) => agent.fetch(wanted)));

    expect(await early).toBeLessThan(3 * MiB);
  });

  test('does not fetch with an agent of weight 0 while another can', SLOW, async () => {
    office = await startOffice();
    const spared = await office.join([folder], 0);
    for (let i = 0; i < 2; i++) await office.join();
    office.configure();
    await office.settled();
    const wanted = addFile(office.origin, 'a.bin', 20 * MiB, MiB);

    await Promise.all(office.agents.map((agent) => agent.fetch(wanted)));

    expect(spared.meter.totals.fromOrigin).toBe(0);
    expect(everybodyHolds(wanted)).toBe(true);
  });

  test('a chunk wanted by several calls and at several places is fetched once', SLOW, async () => {
    await coldOffice(2);
    const wanted = addFile(office.origin, 'a.bin', 2 * MiB);
    const elsewhere = wanted.map((chunk) => ({ ...chunk, manifest: 'f'.repeat(64) as never }));

    await Promise.all(office.agents.flatMap((agent) => [agent.fetch([...wanted, ...elsewhere]), agent.fetch(wanted)]));

    expect(office.origin.bytesSent).toBe(2 * MiB);
  });
});

describe('agents that come and go', () => {
  test('a late joiner takes nothing over the WAN', SLOW, async () => {
    await coldOffice(3);
    const wanted = addFile(office.origin, 'a.bin', 8 * MiB, 256 * KiB);
    await Promise.all(office.agents.map((agent) => agent.fetch(wanted)));

    const late = await office.join();
    office.configure();
    await office.settled();
    const came = await late.fetch(wanted);

    expect(came).toEqual({ peer: wanted.length, origin: 0 });
    expect(office.origin.bytesSent).toBe(8 * MiB);
    const servers = office.agents.filter(({ meter }) => meter.totals.served >= 8 * MiB * 0.1);
    expect(servers.length).toBeGreaterThanOrEqual(3);
  });

  test('an agent that joins in mid-transfer makes nobody fetch twice', SLOW, async () => {
    await coldOffice(2);
    office.origin.bytesPerSecond = 8 * MiB;
    const wanted = addFile(office.origin, 'a.bin', 20 * MiB, MiB);
    const first = office.agents[0]!;
    const fetching = office.agents.map((agent) => agent.fetch(wanted));
    await holds(first, 3);

    const late = await office.join();
    office.configure();
    await seesPeers(late, 2);
    await Promise.all([...fetching, late.fetch(wanted)]);

    expect(everybodyHolds(wanted)).toBe(true);
    expect(office.origin.bytesSent).toBe(20 * MiB);
  });

  test('what a newcomer holds is not fetched over the WAN any more', SLOW, async () => {
    await coldOffice(1, { wanStreams: 1 });
    const wanted = addFile(office.origin, 'a.bin', 32 * MiB, MiB);
    const [asker] = office.agents as [TestAgent];
    const seed = await office.join();
    for (const { id, offset, size } of wanted) {
      await seed.chunks.put(id, office.origin.files.get('a.bin')!.bytes.subarray(offset, offset + size), 'local');
    }
    office.origin.bytesPerSecond = 8 * MiB;
    const fetching = asker.fetch(wanted);
    await holds(asker, 1);
    office.configure();
    await fetching;

    // The run that was under way is finished, the others come from the newcomer.
    expect(office.origin.bytesSent).toBeLessThanOrEqual(9 * MiB);
  });

  test('the owner dies in mid-run: the next takes over, at most one chunk per stream comes twice', SLOW, async () => {
    await coldOffice(3, { wanStreams: 3 });
    office.origin.bytesPerSecond = 8 * MiB;
    const wanted = addFile(office.origin, 'a.bin', 24 * MiB, 512 * KiB);
    const fetching = office.agents.map((agent) => agent.fetch(wanted).catch(() => undefined));
    await Promise.any(office.agents.map((agent) => holds(agent, 8)));
    const victim = office.agents.toSorted((a, b) => b.meter.totals.fromOrigin - a.meter.totals.fromOrigin)[0]!;

    await victim.stop();
    await Promise.all(fetching);

    expect(office.agents).toHaveLength(2);
    expect(everybodyHolds(wanted)).toBe(true);
    expect(office.origin.bytesSent - 24 * MiB).toBeLessThanOrEqual(512 * KiB + 64 * KiB);
  });

  test(
    'an owner whose origin falls silent loses the run; nothing is fetched twice but the chunk under way',
    SLOW,
    async () => {
      await coldOffice(3, { wanStreams: 1, stallMs: 3000 });
      const wanted = addFile(office.origin, 'a.bin', 2 * MiB, 256 * KiB);
      let hung = 0;
      office.origin.intercept = () => ++hung === 1;

      await Promise.all(office.agents.map((agent) => agent.fetch(wanted)));

      expect(everybodyHolds(wanted)).toBe(true);
      // On a busy machine others fall silent as well: each that is given up costs the chunk under way.
      const others = hung - 2;
      expect(others).toBeGreaterThanOrEqual(0);
      expect(office.origin.bytesSent).toBeGreaterThanOrEqual(2 * MiB);
      expect(office.origin.bytesSent).toBeLessThanOrEqual(2 * MiB + others * 256 * KiB);
    },
  );

  test('an agent that knows of the folder but does not fetch is passed over', SLOW, async () => {
    await coldOffice(2, { wanStreams: 2 });
    const wanted = addFile(office.origin, 'a.bin', 32 * MiB, MiB);
    const [active] = office.agents as [TestAgent, TestAgent];

    const came = await active.fetch(wanted);

    expect(came.origin).toBe(wanted.length);
  });

  test('an aborted call rejects with its reason and lets go of what only it wanted', SLOW, async () => {
    await coldOffice(1);
    office.origin.bytesPerSecond = MiB;
    const wanted = addFile(office.origin, 'a.bin', 8 * MiB, 256 * KiB);
    const [agent] = office.agents as [TestAgent];
    const abort = new AbortController();
    const fetching = agent.fetch(wanted, abort.signal);
    await holds(agent, 1);
    const reason = new Error('a newer head');

    abort.abort(reason);

    await expect(fetching).rejects.toBe(reason);
    office.origin.bytesPerSecond = undefined;
    const sentBefore = office.origin.bytesSent;
    await agent.fetch(wanted.slice(-1));
    expect(office.origin.bytesSent - sentBefore).toBeLessThanOrEqual(256 * KiB + 64 * KiB);
  });
});

describe('wrong bytes and refusals', () => {
  test('a peer that sends wrong bytes is distrusted and reported; the content still arrives', SLOW, async () => {
    await coldOffice(2);
    const wanted = addFile(office.origin, 'a.bin', 2 * MiB, 256 * KiB);
    const [liar, asker] = office.agents as [TestAgent, TestAgent];
    await liar.fetch(wanted);
    for (const { id } of wanted) liar.chunks.tamper(id);

    const came = await asker.fetch(wanted);

    expect(came).toEqual({ peer: 0, origin: wanted.length });
    expect(asker.outbox.events.filter(({ kind }) => kind === 'peer.distrusted')).toHaveLength(1);
    expect(asker.outbox.events[0]).toMatchObject({ peer: liar.identity.agent, folder });
    expect(liar.meter.totals.served).toBeLessThan(2 * MiB);
  });

  test('a full disk fails this agent’s call and nobody else’s', SLOW, async () => {
    await coldOffice(3);
    const wanted = addFile(office.origin, 'a.bin', 9 * MiB, 256 * KiB);
    const [full, ...others] = office.agents as [TestAgent, ...TestAgent[]];
    full.chunks.failPutsWith = new HarpError('disk.full', 'no space left');

    const failing = full.fetch(wanted).catch(codeOf);
    await Promise.all(others.map((agent) => agent.fetch(wanted)));

    expect(await failing).toBe('disk.full');
    for (const { chunks } of others) expect(wanted.every(({ id }) => chunks.has(id))).toBe(true);
  });

  test(
    'a refused share link is tried by the fetchers only, reported, and used again only when it is new',
    SLOW,
    async () => {
      await coldOffice(8, { wanStreams: 2 });
      const wanted = addFile(office.origin, 'a.bin', 20 * MiB, MiB);
      const { grant } = office.origin;
      office.configure({ ...grant, token: 'Revoked' });

      const codes = await Promise.all(office.agents.map((agent) => agent.fetch(wanted).catch(codeOf)));
      const again = await office.agents[0]!.fetch(wanted).catch(codeOf);

      expect(new Set(codes)).toEqual(new Set(['origin.unauthorised']));
      expect(again).toBe('origin.unauthorised');
      expect(office.origin.requests.length).toBeLessThanOrEqual(2);
      const blocked = office.agents
        .flatMap(({ outbox }) => outbox.events)
        .filter(({ kind }) => kind === 'folder.blocked');
      expect(blocked.length).toBe(office.origin.requests.length);

      office.configure(grant);
      await Promise.all(office.agents.map((agent) => agent.fetch(wanted)));
      expect(everybodyHolds(wanted)).toBe(true);
      expect(office.origin.bytesSent).toBe(20 * MiB);
    },
  );

  test.each([
    { name: 'before the old one is refused', late: false },
    { name: 'while the old one is being refused', late: true },
  ])(
    'a link that is replaced in mid-transfer, $name: it goes on where it was, and nothing is reported',
    SLOW,
    async ({ late }) => {
      await coldOffice(2, { wanStreams: 2 });
      const { origin, agents } = office;
      origin.bytesPerSecond = 16 * MiB;
      const small = Array.from({ length: 100 }, (_, index) => addFile(origin, `s/${index}.txt`, 10_000)).flat();
      const wanted = [...addFile(origin, 'a.bin', 48 * MiB, 256 * KiB), ...small];
      const begun = holds(agents[0]!, 4);
      const coming = Promise.all(agents.map((agent) => agent.fetch(wanted)));

      await begun;
      const old = origin.requests.at(-1)?.headers.authorization;
      origin.relink('AnotherToken');
      let refusals = 0;
      origin.intercept = ({ headers }, response) => {
        if (headers.authorization !== old) return false;
        refusals++;
        if (late) office.configure();
        response.writeHead(401).end();
        return true;
      };
      if (!late) office.configure();
      await coming;

      expect(everybodyHolds(wanted)).toBe(true);
      expect(origin.bytesSent).toBe(sizeOf(wanted));
      expect(agents.flatMap(({ outbox }) => outbox.events)).toEqual([]);
      // No more than the two streams had under way.
      expect(refusals).toBeLessThanOrEqual(2 * PIPELINED);
      if (late) expect(refusals).toBeGreaterThan(0);
    },
  );

  test('a network that Nextcloud blocks stops asking at once', SLOW, async () => {
    await coldOffice(4, { wanStreams: 1 });
    const wanted = addFile(office.origin, 'a.bin', 20 * MiB, MiB);
    office.origin.intercept = (_request, response) => {
      response.writeHead(429).end();
      return true;
    };

    const codes = await Promise.all(office.agents.map((agent) => agent.fetch(wanted).catch(codeOf)));

    expect(new Set(codes)).toEqual(new Set(['origin.throttled']));
    expect(office.origin.requests).toHaveLength(1);
  });

  test.each([
    {
      name: 'changed',
      change: () => {
        office.origin.files.get('a.bin')!.etag = 'newer';
      },
      code: 'origin.changed',
    },
    { name: 'gone', change: () => void office.origin.files.delete('a.bin'), code: 'origin.not_found' },
  ])(
    'a file that is $name in Nextcloud fails with $code, after the other files came',
    SLOW,
    async ({ change, code }) => {
      await coldOffice(1);
      const wanted = addFile(office.origin, 'a.bin', MiB);
      const other = addFile(office.origin, 'b.bin', MiB);
      change();
      const [agent] = office.agents as [TestAgent];

      expect(await agent.fetch([...wanted, ...other]).catch(codeOf)).toBe(code);
      expect(other.every(({ id }) => agent.chunks.has(id))).toBe(true);
    },
  );

  test('an answer that breaks off is continued from the last verified chunk', SLOW, async () => {
    await coldOffice(1);
    const wanted = addFile(office.origin, 'a.bin', 4 * MiB, MiB);
    office.origin.cutAfterBytes = 2 * MiB + 512 * KiB;

    await office.agents[0]!.fetch(wanted);

    expect(office.origin.requests.map(({ range }) => range)).toEqual(['bytes=0-4194303', 'bytes=2097152-4194303']);
  });

  test('a server that ignores ranges is asked for the whole file, by one agent', SLOW, async () => {
    await coldOffice(3);
    const wanted = addFile(office.origin, 'a.bin', 20 * MiB, MiB);
    const { bytes } = office.origin.files.get('a.bin')!;
    let whole = 0;
    office.origin.intercept = (request, response) => {
      if (request.headers.range === undefined) {
        whole++;
        return false;
      }
      response.writeHead(200, { 'content-length': bytes.length }).flushHeaders();
      return true;
    };

    await Promise.all(office.agents.map((agent) => agent.fetch(wanted)));

    expect(everybodyHolds(wanted)).toBe(true);
    expect(whole).toBe(1);
  });

  test('without a share link and without a holder a chunk is absent', SLOW, async () => {
    await coldOffice(2);
    const wanted = addFile(office.origin, 'a.bin', MiB);
    office.configure(null);

    expect(await office.agents[0]!.fetch(wanted).catch(codeOf)).toBe('chunk.absent');
    expect(office.origin.requests).toHaveLength(0);
  });

  test('an agent of the office that does not hold the folder gives and gets nothing of it', SLOW, async () => {
    office = await startOffice();
    const inside = await office.join([folder]);
    const outside = await office.join([otherFolder]);
    office.configure();
    await office.settled();
    const wanted = addFile(office.origin, 'a.bin', MiB);
    await inside.fetch(wanted);
    outside.folders = [otherFolder];

    const came = await outside.fetch(wanted).catch(codeOf);

    expect(came).toBe('chunk.absent');
    expect(inside.meter.totals.served).toBe(0);
  });
});

describe('the requests to Nextcloud', () => {
  beforeEach(() => coldOffice(1));

  test('pin the version, send no cookie and say who asks', SLOW, async () => {
    const wanted = addFile(office.origin, 'Plans 2026/50% ä#?.bin', 300 * KiB, 300 * KiB);
    await office.agents[0]!.fetch(wanted);

    expect(office.origin.requests).toHaveLength(1);
    const [{ headers, path }] = office.origin.requests as [(typeof office.origin.requests)[number]];
    expect(path).toBe('Plans 2026/50% ä#?.bin');
    expect(headers).toMatchObject({
      'if-match': '"etag-0"',
      'user-agent': 'HarpAgent/0.0.0',
      'x-requested-with': 'XMLHttpRequest',
      'accept-encoding': 'identity',
    });
    expect(headers.cookie).toBeUndefined();
  });
});
