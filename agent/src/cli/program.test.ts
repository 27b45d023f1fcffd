import { HarpError } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { exitCode } from './explain.ts';
import { type Commands, runProgram, type Terminal } from './program.ts';

/** Runs a command line against commands that only note how they were called. */
async function run(argv: string[], fail?: unknown, debug = false) {
  const calls: [string, object][] = [];
  const command = (name: string) => async (options: object) => {
    calls.push([name, options]);
    if (fail !== undefined) throw fail;
    return exitCode.done;
  };
  const commands: Commands = {
    enrol: command('enrol'),
    run: command('run'),
    status: command('status'),
    verify: command('verify'),
  };
  let out = '';
  let error = '';
  const terminal: Terminal = {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    debug,
  };
  return { code: await runProgram(argv, commands, terminal), calls, out, error };
}

test.each<{ line: string; call: [string, object] }>([
  { line: 'enrol --token T --state /s', call: ['enrol', { token: 'T', state: '/s', json: false }] },
  { line: 'enrol --token-file - --state /s --json', call: ['enrol', { tokenFile: '-', state: '/s', json: true }] },
  { line: 'run --state /s --files /f', call: ['run', { state: '/s', files: '/f', peerPort: 8424, mdns: true }] },
  {
    line: 'run --state /s --files /f --peer-port 0 --peer-host 10.0.0.7 --no-mdns',
    call: ['run', { state: '/s', files: '/f', peerPort: 0, peerHost: '10.0.0.7', mdns: false }],
  },
  { line: 'status --state /s', call: ['status', { state: '/s', json: false }] },
  {
    line: 'verify Plans --state /s --files /f',
    call: ['verify', { state: '/s', files: '/f', folder: 'Plans', json: false }],
  },
  { line: 'verify --state /s --files /f', call: ['verify', { state: '/s', files: '/f', json: false }] },
])('harp-agent $line', async ({ line, call }) => {
  expect(await run(line.split(' '))).toMatchObject({ code: exitCode.done, calls: [call], error: '' });
});

test.each([
  { line: 'enrol --token T', says: '--state' },
  { line: 'run --state /s', says: '--files' },
  { line: 'run --state /s --files /f --peer-port 99999', says: '0 to 65535' },
  { line: 'run --state /s --files /f --peer-port x', says: '0 to 65535' },
  { line: 'rum', says: 'unknown command' },
  { line: 'status --state /s --wat', says: 'unknown option' },
])('harp-agent $line is refused with a hint at --help', async ({ line, says }) => {
  const { code, calls, error } = await run(line.split(' '));
  expect({ code, calls }).toEqual({ code: exitCode.usage, calls: [] });
  expect(error).toContain(says);
  expect(error).toContain('--help');
});

test.each(['--help', 'enrol --help', 'run --help', 'status --help', 'verify --help', '--version'])(
  'harp-agent %s ends well',
  async (line) => {
    const { code, out, error } = await run(line.split(' '));
    expect({ code, error }).toEqual({ code: exitCode.done, error: '' });
    expect(out).not.toBe('');
  },
);

const failure = new HarpError('disk.full', 'no space left', { cause: new Error('ENOSPC') });

test('a failure is told in words, without a stack', async () => {
  const { code, out, error } = await run(['run', '--state', '/s', '--files', '/f'], failure);
  expect({ code, out }).toEqual({ code: exitCode.tryLater, out: '' });
  expect(error).toBe(
    'harp-agent: The disk is full: no space left.\n  What to do: Free some space on that disk.\n  (disk.full)\n',
  );
});

test('with debugging the stack and its causes follow the words', async () => {
  const { error } = await run(['run', '--state', '/s', '--files', '/f'], failure, true);
  expect(error).toMatch(/\n\s+at /);
  expect(error).toContain('caused by Error: ENOSPC');
});

test('with --json a failure is JSON as well', async () => {
  const { out, error } = await run(['status', '--state', '/s', '--json'], failure);
  expect(error).toBe('');
  expect(JSON.parse(out)).toMatchObject({ error: { code: 'disk.full', cause: 'no space left' } });
});
