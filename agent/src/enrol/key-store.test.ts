import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyStoreContract } from '../../test/contracts/key-store.ts';
import { tempFolder } from '../../test/fixtures/temp-folder.ts';
import { platformSealer, type RunProgram } from './key-sealer.ts';
import { fileKeyStore, openKeyStore } from './key-store.ts';

keyStoreContract('a file', async () => {
  const path = join(await tempFolder(), 'identity', 'agent.key');
  return () => fileKeyStore(path);
});

test.skipIf(process.platform === 'win32')(
  'the file is for its owner only, and is made so again if it was not',
  async () => {
    const path = join(await tempFolder(), 'identity', 'agent.key');
    const store = fileKeyStore(path);
    await store.write('pem');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o644);
    expect(await store.read()).toBe('pem');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  },
);

const PEM = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';

/** Programs of Windows and macOS as far as sealing needs them, with everything that was on their command lines. */
function programs(): { run: RunProgram; commandLines: string[] } {
  const commandLines: string[] = [];
  const keychain = new Map<string, string>();
  const run: RunProgram = async (program, args, input) => {
    commandLines.push([program, ...args].join(' '));
    if (program === 'powershell.exe') {
      const bytes = Buffer.from(input, 'base64');
      if (args.at(-1)?.includes('::Protect(')) return Buffer.concat([Buffer.from('dpapi'), bytes]).toString('base64');
      if (bytes.subarray(0, 5).toString() !== 'dpapi') throw new Error('Key not valid for use in specified state.');
      return bytes.subarray(5).toString('base64');
    }
    if (args[0] === '-i') {
      const words = input.trim().split(' ');
      keychain.set(words[words.indexOf('-a') + 1] ?? '', words[words.indexOf('-w') + 1] ?? '');
      return '';
    }
    const found = keychain.get(args[args.indexOf('-a') + 1] ?? '');
    if (found === undefined) throw new Error('The specified item could not be found in the keychain.');
    return `${found}\n`;
  };
  return { run, commandLines };
}

describe.each(['win32', 'darwin'] as const)('on %s', (platform) => {
  const place = async () => {
    const path = join(await tempFolder(), 'identity', 'agent.key');
    const system = programs();
    const warnings: string[] = [];
    const open = (run: RunProgram = system.run) =>
      openKeyStore(path, (why) => warnings.push(why), platformSealer(path, platform, run));
    return { path, open, warnings, ...system };
  };
  keyStoreContract('a sealed file', async () => (await place()).open);

  test('neither the file nor a command line has the key', async () => {
    const { path, open, commandLines, warnings } = await place();
    await open().write(PEM);
    expect(await open().read()).toBe(PEM);
    const seen = [await readFile(path, 'utf8'), ...commandLines].join('\n');
    for (const form of [PEM, 'AAAA', Buffer.from(PEM).toString('base64')]) expect(seen).not.toContain(form);
    expect(warnings).toEqual([]);
  });

  test('a key that lies open is sealed when it is read', async () => {
    const { path, open } = await place();
    await fileKeyStore(path).write(PEM);
    expect(await open().read()).toBe(PEM);
    expect(await readFile(path, 'utf8')).not.toContain(PEM);
    expect(await open().read()).toBe(PEM);
  });

  test('a system that refuses to seal leaves the key in the file, and says why', async () => {
    const { path, open, warnings } = await place();
    const refuse: RunProgram = async () => Promise.reject(new Error('blocked by group policy'));
    await open(refuse).write(PEM);
    expect(await readFile(path, 'utf8')).toBe(PEM);
    expect(warnings).toEqual([expect.stringContaining('blocked by group policy')]);
  });

  test('a file that was taken to another computer does not open, and stays as it is', async () => {
    const { path, open } = await place();
    await open().write(PEM);
    const sealed = await readFile(path, 'utf8');
    const elsewhere: RunProgram = async () => Promise.reject(new Error('not here'));
    await expect(open(elsewhere).read()).rejects.toMatchObject({ code: 'agent.key_sealed' });
    await writeFile(path, sealed.replace(/\n(dpapi|keychain)\n/, '\nother\n'));
    await expect(open().read()).rejects.toMatchObject({ code: 'agent.key_sealed' });
    await writeFile(path, sealed);
    expect(await open().read()).toBe(PEM);
  });
});

test('other platforms have the file alone', () => {
  expect(platformSealer('place', 'linux')).toBeUndefined();
});
