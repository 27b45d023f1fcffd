import { join } from 'node:path';
import type { FolderId } from '@harp/broker/protocol';

/** Every path below the state folder, in one place. */
export interface StateLayout {
  root: string;
  /** Private key, certificate, pinned CA, enrolment. */
  key: string;
  certificate: string;
  ca: string;
  enrolment: string;
  /** Index of chunks and chain state (lmdb). */
  db: string;
  /** Events that nobody has acknowledged yet. */
  outbox: string;
  /** The last desired state that was found good. */
  desired: string;
  /** The last heads that were found good, one file per folder. */
  heads: string;
  head(folder: FolderId): string;
  lock: string;
  status: string;
  /** What an agent that waits to be let in shows. */
  pending: string;
}

/** The layout of the state folder `root`. */
export function stateLayout(root: string): StateLayout {
  return {
    root,
    key: join(root, 'identity', 'agent.key'),
    certificate: join(root, 'identity', 'agent.crt'),
    ca: join(root, 'identity', 'ca.crt'),
    enrolment: join(root, 'identity', 'enrolment.json'),
    db: join(root, 'db'),
    outbox: join(root, 'outbox'),
    desired: join(root, 'control', 'desired.json'),
    heads: join(root, 'control', 'heads'),
    head: (folder) => join(root, 'control', 'heads', `${folder}.json`),
    lock: join(root, 'run.lock'),
    status: join(root, 'status.json'),
    pending: join(root, 'pending.json'),
  };
}
