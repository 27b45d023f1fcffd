/** What the indexer and its worker threads say to each other. Both ends are this program, so types are enough. */
import type { ErrorCode } from '@harp/broker/protocol';
import type { FileRead } from '../nextcloud/file-body.ts';
import type { Connection } from '../nextcloud/transport.ts';

/** Read a file version and cut it. */
export interface ReadOrder {
  kind: 'read';
  job: number;
  connection: Connection;
  read: FileRead;
  checkpointBytes: number;
}

export type ToWorker = ReadOrder | { kind: 'cancel'; job: number };

export type FromWorker =
  /** More chunk records; all before `offset` are known now. */
  | { kind: 'cut'; job: number; records: Uint8Array; offset: number }
  /** The end of the file was reached and every byte was there. */
  | { kind: 'done'; job: number }
  | {
      kind: 'failed';
      job: number;
      code: ErrorCode;
      message: string;
      facts: Record<string, string | number | boolean>;
    };
