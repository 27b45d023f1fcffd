import { readdir, rm } from 'node:fs/promises';
import { FolderId, HarpError, Head, openSigned, type SignedText } from '@harp/broker/protocol';
import { verifyEd25519 } from '@harp/broker/protocol/node';
import type { Identity, Logger } from '../ports.ts';
import { readFileIfPresent, systemCodeOf, writeFileAtomic } from '../state/atomic-file.ts';
import type { StateLayout } from '../state/layout.ts';
import { parseSigned } from './desired-state.ts';

/**
 * The newest good head of each folder, kept on disk for the time when the broker is away. What a head means is for the folder side, which gets
 * every head whether it is good or not and reports the bad ones; here only good ones replace good ones.
 */
export interface HeadStore {
  /** The head an earlier run kept. */
  load(folder: FolderId): Promise<SignedText | undefined>;
  /** Keeps `signed` if its signature holds and it is not older than what is kept. Never rejects. */
  keep(folder: FolderId, signed: SignedText): Promise<void>;
  /** Forgets the heads of all other folders. */
  keepOnly(folders: readonly FolderId[]): Promise<void>;
}

/** Heads below the state folder. */
export function createHeadStore(layout: StateLayout, identity: Identity, log: Logger): HeadStore {
  const seqs = new Map<FolderId, number>();

  const verified = (folder: FolderId, signed: SignedText): Head => {
    const head = openSigned('harp/head/v1', signed, Head, identity.signingKeys(), verifyEd25519);
    if (head.folder !== folder) throw new HarpError('protocol.invalid_message', 'the head is for another folder');
    return head;
  };

  return {
    async load(folder) {
      try {
        const text = await readFileIfPresent(layout.head(folder));
        if (text === undefined) return undefined;
        const signed = parseSigned(text);
        seqs.set(folder, verified(folder, signed).seq);
        return signed;
      } catch (error) {
        log.warn({ folder, error: String(error) }, 'a stored head is not usable; waiting for the broker');
        return undefined;
      }
    },
    async keep(folder, signed) {
      try {
        const { seq } = verified(folder, signed);
        if (seq < (seqs.get(folder) ?? 0)) return;
        seqs.set(folder, seq);
        await writeFileAtomic(layout.head(folder), JSON.stringify(signed));
      } catch (error) {
        log.warn({ folder, error: String(error) }, 'a head was not stored');
      }
    },
    async keepOnly(folders) {
      const kept = new Set(folders);
      for (const folder of await storedFolders(layout)) {
        if (kept.has(folder)) continue;
        seqs.delete(folder);
        await rm(layout.head(folder), { force: true });
      }
    },
  };
}

async function storedFolders(layout: StateLayout): Promise<FolderId[]> {
  try {
    const names = await readdir(layout.heads);
    return names.flatMap((name) => FolderId.safeParse(name.replace(/\.json$/, '')).data ?? []);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
