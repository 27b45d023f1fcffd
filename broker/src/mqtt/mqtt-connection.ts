import { Duplex } from 'node:stream';
import type { TlsIdentity } from '../protocol/node/index.ts';
import { createPacketGuard } from './packet-guard.ts';

/** Bytes that may wait for a slow client before publishers to it are held back: one message of the largest size. */
const SEND_BUFFER_BYTES = 256 * 1024;

/**
 * One client's byte stream as aedes sees it: the identity that TLS proved travels with it, and packets that are too large or not MQTT end it
 * before they are buffered. Takes over `stream`.
 */
export class MqttConnection extends Duplex {
  readonly #stream: Duplex;

  constructor(
    stream: Duplex,
    /** Who is at the other end. */
    readonly identity: TlsIdentity,
    /** Where it comes from; empty if that is not known. */
    readonly address: string = '',
  ) {
    super({ allowHalfOpen: false, writableHighWaterMark: SEND_BUFFER_BYTES });
    this.#stream = stream;
    const guard = createPacketGuard();
    stream.on('data', (bytes: Buffer) => {
      try {
        guard.inspect(bytes);
      } catch (error) {
        this.destroy(error as Error);
        return;
      }
      if (!this.push(bytes)) stream.pause();
    });
    stream.on('end', () => this.push(null));
    stream.on('error', (error) => this.destroy(error));
    stream.on('close', () => this.destroy());
  }

  override _read(): void {
    this.#stream.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#stream.write(chunk, encoding, done);
  }

  /** A packet's parts leave as one TLS record: sent one by one they cost a thin line more in headers than in content. */
  override _writev(parts: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#stream.write(Buffer.concat(parts.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.#stream.end(done);
  }

  /** Without an error what has been written still goes out, so that a refused client reads its CONNACK. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (error === null && !this.#stream.writableEnded) this.#stream.end(() => this.#stream.destroy());
    else this.#stream.destroy();
    done(error);
  }
}
