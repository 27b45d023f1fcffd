/** Where an agent's private key lives: in a file for its owner only, sealed by the platform where it can. Whoever implements the port passes the contract in test/contracts/key-store.ts. */
import { chmod, stat } from 'node:fs/promises';
import { HarpError } from '@harp/broker/protocol';
import { diskError, readFileIfPresent, systemCodeOf, writeFileAtomic } from '../state/atomic-file.ts';
import { type KeySealer, platformSealer } from './key-sealer.ts';

/** Holds one private key: PKCS#8 in PEM. */
export interface KeyStore {
  /** Undefined if none was ever written. @throws {HarpError} `disk.failed` */
  read(): Promise<string | undefined>;
  /** Replaces the key as a whole; it is safe when this resolves. @throws {HarpError} `disk.*` */
  write(pem: string): Promise<void>;
}

/** Readable and writable by its owner only. */
const OWNER_ONLY = 0o600;

/** Begins a sealed file; the sealer's name and what it sealed, in base64, follow. */
const SEALED = 'harp-sealed-key/v1';

/**
 * The key of the state folder. Where the platform seals keys, a key that lies open (from before, or because the platform refused) is sealed when it is
 * read. A platform that refuses to seal does not keep a PC out: the key then lies in the file as on Linux, and `warn` hears why.
 */
export function openKeyStore(
  path: string,
  warn: (why: string) => void = () => undefined,
  sealer: KeySealer | undefined = platformSealer(path),
): KeyStore {
  const file = fileKeyStore(path);
  if (sealer === undefined) return file;
  const write = async (pem: string): Promise<void> => {
    let text = pem;
    try {
      text = [SEALED, sealer.name, (await sealer.seal(Buffer.from(pem))).toString('base64'), ''].join('\n');
    } catch (error) {
      warn(`${path} is not sealed: ${messageOf(error)}`);
    }
    await file.write(text);
  };
  return {
    write,
    async read() {
      const text = await file.read();
      if (text === undefined) return undefined;
      const [form, name, sealed] = text.split('\n');
      if (form !== SEALED) {
        // Who may only read it (`harp-agent status`) leaves it as it is.
        await write(text).catch(() => undefined);
        return text;
      }
      try {
        if (name !== sealer.name) throw new Error(`${name} sealed it, this computer has ${sealer.name}`);
        return (await sealer.open(Buffer.from(sealed ?? '', 'base64'))).toString();
      } catch (error) {
        throw new HarpError('agent.key_sealed', `${path} does not open on this computer: ${messageOf(error)}`, {
          cause: error,
        });
      }
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A key in a file of mode 0600. A file that others may read (restored carelessly, say) is closed to them before it is used. */
export function fileKeyStore(path: string): KeyStore {
  return {
    async read() {
      await closeToOthers(path);
      return readFileIfPresent(path);
    },
    write: (pem) => writeFileAtomic(path, pem),
  };
}

async function closeToOthers(path: string): Promise<void> {
  // Windows has no such modes: who may read follows from the folder.
  if (process.platform === 'win32') return;
  try {
    if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, OWNER_ONLY);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw diskError(error, path);
  }
}
