import type { AgentId, CommandId, LogBatch, LogCommand, ParsedTopic } from '@harp/broker/protocol';
import { Command } from '@harp/broker/protocol';
import { describe, expect, test } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { agentLogTimes, MAX_WATCHED } from './agent-logs.ts';
import { createLogs } from './channels.ts';
import { agentChannel, type LogLine, parseChannel } from './port.ts';

const alice = 'a'.repeat(52) as AgentId;
const bob = 'b'.repeat(52) as AgentId;

function logsWithAgents() {
  const clock = fakeClock();
  let random = 0;
  const logs = createLogs({ clock, randomBytes: (count) => new Uint8Array(count).fill(random++) });
  const asked: { topic: string; command: LogCommand }[] = [];
  const link = {
    connected: true,
    publish: (topic: string, _message: string, payload: string): Promise<void> => {
      asked.push({ topic, command: Command.parse(JSON.parse(payload)) });
      return Promise.resolve();
    },
  };
  const events = logs.joinLink(link);
  const hear = (topic: ParsedTopic, payload: object) => events.onMessage(topic, Buffer.from(JSON.stringify(payload)));
  const answer = (agentId: AgentId, change: Partial<LogBatch> = {}) =>
    hear(
      { message: 'log', agentId },
      { v: 1, command: asked.at(-1)?.command.id as CommandId, startedAtMs: 7, dropped: 0, lines: [], ...change },
    );
  const entry = (line: number) => ({ line, atMs: line, level: 'info' as const, message: `line ${line}` });
  const shown = (agentId: AgentId) => logs.read(agentChannel(agentId), 0, 1000).lines.map(({ message }) => message);
  return { clock, logs, link, events, asked, hear, answer, entry, shown };
}

describe('the server’s own channels', () => {
  const printed = (facts: object) => JSON.stringify({ level: 30, time: 5, msg: 'said', ...facts });

  test('each line goes to the channel of who said it', () => {
    const { logs } = logsWithAgents();
    logs.printed(printed({ process: 'console' }));
    logs.printed(printed({ part: 'indexer' }));
    logs.fromSupervisor({
      harpLog: [
        { from: 'broker', log: printed({}), dropped: 3 },
        { from: 'supervisor', log: printed({ process: 'supervisor' }) },
        { from: 'broker', log: 'rubbish' },
      ],
    });
    logs.fromSupervisor({ other: 1 });
    expect(logs.list().map(({ id, state, lines }) => [id, state, lines])).toEqual([
      ['server', 'live', 2],
      ['indexer', 'live', 1],
      ['broker', 'live', 2],
    ]);
    expect(logs.read('broker', 0, 10).lines).toMatchObject([{ level: 'warn', dropped: 3 }, { message: 'said' }]);
    expect(logs.read('server', 0, 10).lines).toMatchObject([{}, { part: 'supervisor' }]);
  });

  test('numbers go on growing after a restart of the server', async () => {
    const { logs, clock } = logsWithAgents();
    logs.printed(printed({}));
    const before = logs.find('server')?.lastSeq ?? 0;
    await clock.advance(1);
    const next = createLogs({ clock, randomBytes: (count) => new Uint8Array(count) });
    next.printed(printed({}));
    expect(next.find('server')?.lastSeq).toBeGreaterThan(before);
    expect(next.read('server', before, 10)).toMatchObject({ lines: [{ message: 'said' }] });
  });

  test('a listener hears lines as they come; one that throws is cut off and harms nobody', () => {
    const { logs } = logsWithAgents();
    const heard: LogLine[] = [];
    let throws = 0;
    logs.subscribe('server', {
      lines: () => {
        throws += 1;
        throw new Error('no');
      },
    });
    const listening = logs.subscribe('server', { lines: (lines) => void heard.push(...lines) });
    logs.printed(printed({}));
    logs.printed(printed({}));
    listening.dispose();
    logs.printed(printed({}));
    expect([throws, heard.length]).toEqual([1, 2]);
  });
});

describe('an agent’s channel', () => {
  test('asks when somebody watches, again in time, and tells the agent to stop when the last has gone', async () => {
    const { clock, logs, asked, answer, entry, shown } = logsWithAgents();
    expect(logs.find(agentChannel(alice))).toBeUndefined();
    const first = logs.openAgent(alice);
    const second = logs.openAgent(alice);
    expect(asked).toMatchObject([
      {
        topic: `harp/v1/agent/${alice}/command`,
        command: { kind: 'log', level: 'info', forMs: agentLogTimes.askForMs },
      },
    ]);
    expect(asked[0]?.command.after).toBeUndefined();
    expect(logs.find(agentChannel(alice))?.state).toBe('asked');
    answer(alice, { lines: [entry(1), entry(2)] });
    expect(logs.find(agentChannel(alice))).toMatchObject({ state: 'live', lines: 2 });
    await clock.advance(agentLogTimes.renewEveryMs);
    expect(asked[1]).toMatchObject({ command: { after: { startedAtMs: 7, line: 2 } } });
    answer(alice, { lines: [entry(2), entry(3)] });
    expect(shown(alice)).toEqual(['line 1', 'line 2', 'line 3']);
    first.dispose();
    first.dispose();
    expect(asked).toHaveLength(2);
    second.dispose();
    expect(asked[2]).toMatchObject({ command: { forMs: 0 } });
    expect(logs.find(agentChannel(alice))?.state).toBe('closed');
    await clock.advance(3_600_000);
    expect(asked).toHaveLength(3);
    answer(alice, { lines: [entry(4)] });
    expect(shown(alice)).toHaveLength(3);
  });

  test('the lowest level that anybody wants is asked for', () => {
    const { logs, asked } = logsWithAgents();
    logs.openAgent(alice, 'warn');
    logs.openAgent(alice, 'debug');
    logs.openAgent(alice, 'error');
    expect(asked.map(({ command }) => command.level)).toEqual(['warn', 'debug']);
  });

  test('an agent that does not answer is silent, and is asked again when it comes back', async () => {
    const { clock, logs, asked, hear, answer } = logsWithAgents();
    const states: string[] = [];
    logs.openAgent(alice);
    logs.subscribe(agentChannel(alice), { lines: () => undefined, state: (state) => void states.push(state) });
    await clock.advance(agentLogTimes.answerWithinMs);
    hear({ message: 'presence', agentId: bob }, { v: 1, online: true, atMs: 1 });
    hear({ message: 'presence', agentId: alice }, { v: 1, online: true, atMs: 1 });
    expect(asked).toHaveLength(2);
    answer(alice);
    hear({ message: 'presence', agentId: alice }, { v: 1, online: false, atMs: 1 });
    expect(states).toEqual(['silent', 'asked', 'live', 'silent']);
  });

  test('after a lost connection to the broker every agent that is watched is asked again', () => {
    const { logs, link, events, asked } = logsWithAgents();
    link.connected = false;
    logs.openAgent(alice);
    logs.openAgent(bob);
    expect(asked).toEqual([]);
    expect(logs.find(agentChannel(alice))?.state).toBe('silent');
    link.connected = true;
    events.onConnect();
    expect(asked).toHaveLength(2);
  });

  test('a restarted agent counts anew, and missing lines are said', () => {
    const { logs, answer, entry, shown } = logsWithAgents();
    logs.openAgent(alice);
    answer(alice, { lines: [entry(5)] });
    answer(alice, { startedAtMs: 8, dropped: 12, lines: [entry(1)] });
    expect(shown(alice)).toEqual(['line 5', '12 lines dropped', 'line 1']);
  });

  test.each([
    { name: 'that nobody asked for', change: { command: 'cmd-zzzzzzzzzzzzzzzz' as CommandId } },
    { name: 'of another shape', change: { startedAtMs: -1 } },
    {
      name: 'with a line that is too long',
      change: { lines: [{ line: 1, atMs: 1, level: 'info' as const, message: 'x'.repeat(3000) }] },
    },
  ])('lines $name are dropped', ({ change }) => {
    const { logs, answer, shown } = logsWithAgents();
    logs.openAgent(alice);
    answer(alice, { lines: [{ line: 1, atMs: 1, level: 'info', message: 'x' }], ...change });
    expect(shown(alice)).toEqual([]);
  });

  test('not the whole fleet is watched at once, and what was watched is forgotten some time', () => {
    const { logs } = logsWithAgents();
    const agent = (index: number) =>
      `${index}`
        .padStart(52, 'a')
        .replace(/[01]/g, (digit) => (digit === '0' ? 'y' : 'z'))
        .replace(/[89]/g, 'x') as AgentId;
    const ids = [...new Set(Array.from({ length: 400 }, (_, index) => agent(index)))];
    const open = ids.slice(0, MAX_WATCHED).map((id) => logs.openAgent(id));
    expect(() => logs.openAgent(ids[MAX_WATCHED] as AgentId)).toThrow(
      expect.objectContaining({ code: 'api.rate_limited' }),
    );
    for (const each of open) each.dispose();
    for (const id of ids) logs.openAgent(id).dispose();
    expect(logs.list().length).toBeLessThanOrEqual(3 + 100);
  });

  test('that was let go of for others begins above the numbers it had', async () => {
    const { clock, logs, answer, entry } = logsWithAgents();
    const watch = (agent: AgentId) => {
      const watching = logs.openAgent(agent);
      answer(agent, { lines: [entry(1), entry(2)] });
      watching.dispose();
    };
    watch(alice);
    const before = logs.find(agentChannel(alice))?.lastSeq ?? 0;
    for (let index = 0; index < 100; index++) watch(`${alice.slice(2)}${index.toString(26)}` as AgentId);
    expect(logs.find(agentChannel(alice))).toBeUndefined();
    await clock.advance(1);
    watch(alice);
    expect(logs.read(agentChannel(alice), before, 10).lines).toHaveLength(2);
    expect(logs.find(agentChannel(alice))?.lastSeq).toBeGreaterThan(before);
  });

  test('keeps a megabyte of text, however long its lines are', () => {
    const { logs, answer, entry } = logsWithAgents();
    logs.openAgent(alice);
    const message = 'x'.repeat(2000);
    for (let line = 1; line <= 600; line++) answer(alice, { lines: [{ ...entry(line), message }] });
    expect(logs.find(agentChannel(alice))?.lines).toBe(524);
  });
});

test.each([
  ['server', 'server'],
  [`agent:${alice}`, `agent:${alice}`],
  ['agent:x', undefined],
  ['agent:', undefined],
  ['constructor', undefined],
  ['', undefined],
])('the channel %j is %j', (text, channel) => expect(parseChannel(text)).toBe(channel));
