/**
 * The newest signed head of the audit log, kept outside of the database. Whoever can write to the database alone can cut the log off together with its
 * heads; then this file still says how far the log had come.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { AuditHead, HarpError, SignedText } from '@harp/broker/protocol';
import type { Logger } from '../ports.ts';

export interface HeadAnchor {
  /** What is kept; undefined before the first. @throws {HarpError} `chain.malformed` if the file is no head */
  read(): Promise<SignedText | undefined>;
  /**
   * Keeps a newer head. The one that is kept must stand in the log: `linkAt` says the link after an entry. If it does not, the log was cut off or
   * replaced, and the file stays as it is, because it is the proof.
   */
  keep(signed: SignedText, linkAt: (seq: number) => Promise<string | undefined>): Promise<void>;
}

/** An anchor in the file at `path`. That it cannot be written is logged: the change it belongs to has been made. */
export function createHeadAnchor(path: string, logger: Logger): HeadAnchor {
  let last: Promise<void> = Promise.resolve();
  const read = async (): Promise<SignedText | undefined> => {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
      throw error;
    }
    try {
      return SignedText.parse(JSON.parse(text));
    } catch (cause) {
      throw new HarpError('chain.malformed', `${path} does not hold a signed head`, { cause });
    }
  };
  const replace = async (signed: SignedText, linkAt: (seq: number) => Promise<string | undefined>) => {
    const kept = await read();
    const { seq } = placeOf(signed);
    if (kept !== undefined) {
      const place = placeOf(kept);
      if (place.seq >= seq && (await linkAt(place.seq)) === place.link) return;
      if ((await linkAt(place.seq)) !== place.link) {
        logger.error(
          { seq: place.seq, file: path },
          'the audit log does not hold what was signed: run harp verify audit',
        );
        return;
      }
    }
    const draft = `${path}.new`;
    await writeFile(draft, `${JSON.stringify(signed)}\n`, { mode: 0o600 });
    await rename(draft, path);
  };
  return {
    read,
    keep(signed, linkAt) {
      last = last
        .then(() => replace(signed, linkAt))
        .catch((error: unknown) => logger.error({ error: String(error), file: path }, 'a signed head cannot be kept'));
      return last;
    },
  };
}

/** For where there is no data folder. */
export function memoryAnchor(): HeadAnchor & { kept: SignedText | undefined } {
  return {
    kept: undefined,
    async read() {
      return this.kept;
    },
    async keep(signed) {
      this.kept = signed;
    },
  };
}

function placeOf({ text }: SignedText): AuditHead {
  return AuditHead.parse(JSON.parse(text));
}
