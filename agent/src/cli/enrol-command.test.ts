import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../test/fakes/silent-log.ts';
import { startTestGateway } from '../../test/fixtures/gateway.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { systemClock } from '../system.ts';
import { enrolCommand } from './enrol-command.ts';

async function enrolling(environmentToken: (token: string) => string | undefined = () => undefined, stdin = '') {
  const gateway = await startTestGateway();
  onTestFinished(() => gateway.close());
  let out = '';
  const terminal = {
    out: (text: string) => {
      out += text;
    },
    error: () => undefined,
    debug: false,
  };
  const read = () => Promise.resolve(stdin === '' ? '' : gateway.token);
  const enrol = enrolCommand(terminal, {
    clock: systemClock,
    log: silentLog,
    hardware: 'test',
    dns: { domain: 'invalid', servers: ['127.0.0.1:1'] },
    ending: new AbortController().signal,
    hostname: 'pc-7',
    environmentToken: environmentToken(gateway.token),
    readStdin: read,
  });
  return { enrol, gateway, state: await tempFolder(), out: () => out };
}

test.each<{ from: string; environment?: true; stdin?: string; options: (token: string, file: string) => object }>([
  { from: 'the command line', options: (token) => ({ token }) },
  { from: 'a file', options: (_, tokenFile) => ({ tokenFile }) },
  { from: 'stdin', stdin: 'token', options: () => ({ tokenFile: '-' }) },
  { from: 'the environment', environment: true, options: () => ({}) },
])('a token from $from enrols', async ({ environment, stdin, options }) => {
  const { enrol, gateway, state, out } = await enrolling((token) => (environment ? token : undefined), stdin);
  const file = join(await tempFolder(), 'token');
  await writeFile(file, `\n${gateway.token}\n`);
  expect(await enrol({ state, json: false, ...options(gateway.token, file) })).toBe(0);
  expect(out()).toContain('Lyon');
  expect(out()).not.toContain(gateway.token);
});

test.each<{ what: string; options: object; code: string }>([
  { what: 'two tokens', options: { token: 'a', tokenFile: 'b' }, code: 'agent.usage' },
  { what: 'a file that is not there', options: { tokenFile: '/nowhere/token' }, code: 'disk.failed' },
  { what: 'half a token', options: { token: 'harp1.eyJm' }, code: 'enrolment.token_malformed' },
])('$what → $code', async ({ options, code }) => {
  const { enrol, state } = await enrolling();
  await expect(enrol({ state, json: false, ...options })).rejects.toMatchObject({ code });
});
