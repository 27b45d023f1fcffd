import { Machine } from '@harp/broker/protocol';
import { expect, test } from 'vitest';
import { domainsIn, ioregValue, isUnique, printable, readMachine, registryText } from './machine.ts';

test('what this PC says of itself fits the protocol, and its hardware is the same each time and not told', async () => {
  const [first, second, other] = await Promise.all(['board', 'board', 'another'].map((id) => readMachine(id)));
  expect(Machine.parse(first)).toEqual(second);
  expect(first?.hardwareId).not.toBe(other?.hardwareId);
  expect(JSON.stringify(first)).not.toContain('board');
  expect(Machine.safeParse(await readMachine(undefined)).success).toBe(true);
});

test.each([
  ['search office.example lab.example\n', ['office.example', 'lab.example']],
  ['domain old.example\nsearch office.example', ['office.example']],
  ['nameserver 10.0.0.1\nsearch .', []],
  ['', []],
])('resolv.conf %j names %j', (text, domains) => expect(domainsIn(text)).toEqual(domains));

test.each([
  ['4c4c4544-0051-3510-8052-b4c04f303633', true],
  ['00000000-0000-0000-0000-000000000000', false],
  ['FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', false],
  ['03000200-0400-0500-0006-000700080009', false],
  ['', false],
])('a board with %s is one of a kind: %s', (uuid, unique) => expect(isUnique(uuid)).toBe(unique));

test('values are read from what the systems print', () => {
  expect(ioregValue('  "IOPlatformUUID" = "A-B-C"\n', 'IOPlatformUUID')).toBe('A-B-C');
  expect(ioregValue('', 'IOPlatformUUID')).toBeUndefined();
  const shown = '\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\r\n    MachineGuid    REG_SZ    ab-cd\r\n\r\n';
  expect(registryText(shown, 'MachineGuid')).toBe('ab-cd');
  expect(registryText(shown, 'Domain')).toBeUndefined();
});

test.each([
  ['pc\u0007\u202e1', 'pc1'],
  [' x '.repeat(60), ' x '.repeat(60).trim().slice(0, 100)],
  ['\u200b', undefined],
  [undefined, undefined],
])('%j is said as %j', (text, said) => expect(printable(text, 100)).toBe(said));
