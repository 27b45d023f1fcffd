/** What tells a PC where its server is: token strings, and the file `enrol.json` that an image or a policy left. */
import { writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formatToken, isHarpError, parseToken } from '@harp/broker/protocol';
import fc from 'fast-check';
import { serverInFile } from '../../agent/src/enrol/find-server.ts';
import { harpAgent, temporaryFolder } from '../harness/fleet.ts';
import { damaged, hostileText, hostileValue, jsonText, nearly, utf8Of } from './bytes.ts';
import { readingEntrance } from './reading-entrance.ts';

/** Token strings: each is refused by name, or says what it says when it is written again. `token` is a good one. */
export function tokenEntrance(token: string) {
  return readingEntrance({
    inputs: tokens(token),
    read: tokenOutcome,
    command: (text) =>
      // An argument cannot hold NUL, and what begins with a hyphen is another argument.
      harpAgent('enrol', `--token=${text.replaceAll('\0', '0')}`, '--state', join(temporaryFolder('fuzz'), 'state')),
  });
}

/** Token strings near to `token`, and others. */
function tokens(token: string): fc.Arbitrary<string> {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8');
  const inside = fc.record(
    {
      g: nearly(fc.oneof(fc.webUrl({ validSchemes: ['https'] }), fc.constant('http://x'))),
      f: nearly(fc.constant('ab'.repeat(32))),
      s: nearly(fc.constant('z'.repeat(43))),
      x: hostileValue,
    },
    { requiredKeys: ['g', 'f', 's'] },
  );
  return fc.oneof(
    { weight: 6, arbitrary: damaged(fc.constant(utf8Of(token))).map(text) },
    {
      weight: 6,
      arbitrary: inside.map((value) => `harp1.${Buffer.from(JSON.stringify(value)).toString('base64url')}`),
    },
    {
      weight: 2,
      arbitrary: fc.uint8Array({ maxLength: 3000 }).map((bytes) => `harp1.${Buffer.from(bytes).toString('base64url')}`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        token,
        `  ${token}\n`,
        `${token}=`,
        token.toUpperCase(),
        token + token,
        `harp1.${'['.repeat(1500)}`,
      ),
    },
    { weight: 1, arbitrary: hostileText },
  );
}

function tokenOutcome(text: string): string {
  try {
    const token = parseToken(text);
    return JSON.stringify(parseToken(formatToken(token))) === JSON.stringify(token)
      ? 'read'
      : 'is another one when written again';
  } catch (error) {
    return isHarpError(error) && error.code === 'enrolment.token_malformed' ? 'refused' : `threw ${String(error)}`;
  }
}

/** Files `enrol.json`: each is refused by name, or names a server over https and a fingerprint. `token` is a good one. */
export function enrolFileEntrance(token: string) {
  const folder = temporaryFolder('enrol-file');
  const file = join(folder, 'enrol.json');
  return readingEntrance({
    inputs: enrolFiles(token),
    async read(text) {
      await writeFile(file, text);
      try {
        const contact = await serverInFile(folder, join(folder, 'none'));
        const isWhole =
          contact?.via === 'file' && contact.url.startsWith('https://') && /^[0-9a-f]{64}$/.test(contact.fingerprint);
        return isWhole ? 'read' : `read as ${JSON.stringify(contact)}`;
      } catch (error) {
        const isNamed =
          isHarpError(error) && (error.code === 'agent.usage' || error.code === 'enrolment.token_malformed');
        return isNamed ? 'refused' : `threw ${String(error)}`;
      }
    },
    async command(text) {
      const state = join(temporaryFolder('fuzz'), 'state');
      await mkdir(state, { recursive: true });
      writeFileSync(join(state, 'enrol.json'), text);
      return harpAgent('enrol', '--state', state);
    },
  });
}

function enrolFiles(token: string): fc.Arbitrary<string> {
  const { f } = parseToken(token);
  const good = { gateway: 'https://harp.example:8421', fingerprint: f, token };
  const near = fc.record(
    {
      gateway: nearly(fc.oneof(fc.constant(good.gateway), fc.webUrl({ validSchemes: ['https', 'http', 'file'] })), 8),
      fingerprint: nearly(fc.constantFrom(f, f.toUpperCase(), (f.match(/../g) ?? []).join(':'), 'ab'.repeat(32)), 8),
      token: nearly(fc.oneof(fc.constant(token), tokens(token)), 8),
      extra: hostileValue,
    },
    { requiredKeys: ['gateway', 'fingerprint'] },
  );
  return fc.oneof(
    { weight: 6, arbitrary: jsonText(near) },
    {
      weight: 6,
      arbitrary: damaged(fc.constant(utf8Of(JSON.stringify(good)))).map((bytes) => Buffer.from(bytes).toString('utf8')),
    },
    { weight: 1, arbitrary: jsonText(hostileValue) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes).toString('latin1')) },
    { weight: 1, arbitrary: fc.constantFrom(JSON.stringify(good), `\ufeff${JSON.stringify(good)}`, '') },
  );
}
