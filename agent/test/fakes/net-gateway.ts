/** A gateway that hands out blobs and counts how often. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type BlobId, BlobWant, endFrame, frameHeader, frameType } from '@harp/broker/protocol';
import type { TestCa } from './net-pki.ts';

export interface FakeGateway {
  readonly url: string;
  readonly blobs: Map<BlobId, Uint8Array>;
  /** Every blob sent, in order. */
  readonly sent: BlobId[];
  /** Whether it answers at all. */
  down: boolean;
  close(): Promise<void>;
}

/** Starts on a free port of 127.0.0.1 with a certificate of `ca`; every second blob goes out compressed. */
export async function startFakeGateway(ca: TestCa): Promise<FakeGateway> {
  const { key, certificate } = await ca.issueServer();
  const server = createServer(
    { key, cert: certificate, ca: ca.pem, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' },
    async (request, response) => {
      if (gateway.down) return void request.socket.destroy();
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      const { ids } = BlobWant.parse(JSON.parse(Buffer.concat(parts).toString('utf8')));
      for (const id of ids) {
        const blob = gateway.blobs.get(id);
        if (blob === undefined) {
          response.write(frameHeader(frameType.absent, id, 0));
          continue;
        }
        gateway.sent.push(id);
        const isPacked = gateway.sent.length % 2 === 0;
        const payload = isPacked ? gzipSync(blob) : blob;
        response.write(frameHeader(isPacked ? frameType.gzip : frameType.data, id, payload.length));
        response.write(payload);
      }
      response.end(endFrame());
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const gateway: FakeGateway = {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    blobs: new Map(),
    sent: [],
    down: false,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return gateway;
}
