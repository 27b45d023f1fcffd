/**
 * What a platform has to keep a key from whoever copies the disk: DPAPI on Windows, the Keychain on macOS, both through the system's own programs, so
 * that nothing has to be compiled. Linux has nothing that a service could use without somebody signing in; there the file's mode is all.
 */
import { spawn } from 'node:child_process';
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** Seals small secrets so that they open on this computer only. */
export interface KeySealer {
  /** Written into sealed files; never changes. */
  readonly name: string;
  /** @throws {Error} with the cause, if the system refuses */
  seal(secret: Buffer): Promise<Buffer>;
  /** @throws {Error} with the cause, if the system refuses or something else sealed it */
  open(sealed: Buffer): Promise<Buffer>;
}

/** Runs a program with `input` on its standard input: secrets never stand on a command line, where others see them. @returns what it printed @throws {Error} */
export type RunProgram = (program: string, args: readonly string[], input: string) => Promise<string>;

/** The sealer of this platform, if it has one. `place` tells several agents of one computer apart. */
export function platformSealer(
  place: string,
  platform: NodeJS.Platform = process.platform,
  run: RunProgram = runProgram,
): KeySealer | undefined {
  if (platform === 'win32') return dpapiSealer(run);
  if (platform === 'darwin') return keychainSealer(place, run, process.getuid?.() === 0);
  return undefined;
}

/** Bound to Harp: what other programs seal for this computer does not open here, and the reverse. */
const ENTROPY = Buffer.from('harp/agent-key/v1').toString('base64');

/** For the computer, not for a user: an administrator enrols, a service runs. Who may read the file follows from its folder. */
function dpapiSealer(run: RunProgram): KeySealer {
  const call = async (method: 'Protect' | 'Unprotect', bytes: Buffer): Promise<Buffer> => {
    const script = [
      "$ErrorActionPreference = 'Stop'",
      'Add-Type -AssemblyName System.Security',
      '$given = [Convert]::FromBase64String([Console]::In.ReadToEnd())',
      `$entropy = [Convert]::FromBase64String('${ENTROPY}')`,
      `$made = [Security.Cryptography.ProtectedData]::${method}($given, $entropy, 'LocalMachine')`,
      '[Console]::Out.Write([Convert]::ToBase64String($made))',
    ].join('; ');
    const args = ['-NoProfile', '-NonInteractive', '-Command', script];
    return Buffer.from(await run('powershell.exe', args, bytes.toString('base64')), 'base64');
  };
  return { name: 'dpapi', seal: (secret) => call('Protect', secret), open: (sealed) => call('Unprotect', sealed) };
}

const SERVICE = 'harp-agent-key';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The Keychain keeps a wrapping key; what it wraps (AES-256-GCM) lies in the file. */
function keychainSealer(place: string, run: RunProgram, isRoot: boolean): KeySealer {
  const account = createHash('sha256').update(place).digest('hex').slice(0, 16);
  // A service has no keychain of its own but the system's.
  const keychain = isRoot ? ['/Library/Keychains/System.keychain'] : [];
  const wrappingKey = async (): Promise<Buffer> => {
    const shown = await run('security', ['find-generic-password', '-s', SERVICE, '-a', account, '-w', ...keychain], '');
    const key = Buffer.from(shown.trim(), 'hex');
    if (key.length !== 32) throw new Error(`the Keychain has another kind of entry under ${SERVICE}`);
    return key;
  };
  const newWrappingKey = async (): Promise<Buffer> => {
    const key = randomBytes(32);
    const words = ['add-generic-password', '-U', '-s', SERVICE, '-a', account, '-w', key.toString('hex'), ...keychain];
    await run('security', ['-i'], `${words.join(' ')}\n`);
    // Interactive `security` ends well whatever came of its commands.
    if (!(await wrappingKey()).equals(key)) throw new Error('the Keychain did not take the key');
    return key;
  };
  return {
    name: 'keychain',
    async seal(secret) {
      const key = await wrappingKey().catch(newWrappingKey);
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
    },
    async open(sealed) {
      const key = await wrappingKey();
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    },
  };
}

const TIMEOUT_MS = 30_000;

const runProgram: RunProgram = (program, args, input) =>
  new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { timeout: TIMEOUT_MS, windowsHide: true });
    let [out, complaint] = ['', ''];
    child.stdout.on('data', (part: Buffer) => {
      out += part.toString('utf8');
    });
    child.stderr.on('data', (part: Buffer) => {
      if (complaint.length < 500) complaint += part.toString('utf8');
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${program} ended with ${code ?? 'a signal'}: ${complaint.trim().slice(0, 500)}`));
    });
    // A program that ends without reading closes the pipe; its exit code says why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
