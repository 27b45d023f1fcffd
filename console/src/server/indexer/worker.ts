/** Worker thread of the indexer: streams files from Nextcloud, cuts and hashes them, off the main thread. Bundled to dist/index-worker.js. */
import { parentPort } from 'node:worker_threads';
import { HarpError } from '@harp/broker/protocol';
import { readFileBody } from '../nextcloud/file-body.ts';
import type { Connection, Transport } from '../nextcloud/transport.ts';
import { createTransport } from '../nextcloud/transport.ts';
import { cutFile } from './cut-file.ts';
import type { FromWorker, ReadOrder, ToWorker } from './worker-messages.ts';

const port = parentPort;
if (port === null) throw new Error('this is the worker thread of the indexer; it does not run by itself');

/** A few Nextclouds are usual; a changed password makes a new connection. */
const TRANSPORTS_KEPT = 16;
const transports = new Map<string, Transport>();
const running = new Map<number, AbortController>();

port.on('message', (message: ToWorker) => {
  if (message.kind === 'cancel') running.get(message.job)?.abort(new HarpError('internal.unexpected', 'cancelled'));
  else void read(message);
});

async function read({ job, connection, read: wanted, checkpointBytes }: ReadOrder): Promise<void> {
  const aborter = new AbortController();
  running.set(job, aborter);
  try {
    const body = readFileBody(transportFor(connection), wanted, aborter.signal);
    for await (const piece of cutFile(body, wanted.fromByte, checkpointBytes)) {
      say({ kind: 'cut', job, ...piece }, [piece.records.buffer]);
    }
    say({ kind: 'done', job });
  } catch (error) {
    const known = error instanceof HarpError ? error : new HarpError('internal.unexpected', String(error));
    say({ kind: 'failed', job, code: known.code, message: known.message, facts: { ...known.facts } });
  } finally {
    running.delete(job);
  }
}

function say(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function transportFor(connection: Connection): Transport {
  const key = JSON.stringify(connection);
  const existing = transports.get(key);
  if (existing !== undefined) return existing;
  const transport = createTransport(connection);
  transports.set(key, transport);
  const [oldest] = transports;
  if (transports.size > TRANSPORTS_KEPT && oldest !== undefined) {
    transports.delete(oldest[0]);
    void oldest[1].close();
  }
  return transport;
}
