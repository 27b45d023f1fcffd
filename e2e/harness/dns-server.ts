/** A DNS server that knows SRV records and nothing else (RFC 1035, RFC 2782): what a network's own would say of Harp. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface DnsServer {
  /** `127.0.0.1:port`, for HARP_DNS_SERVERS. */
  readonly address: string;
  /** From now on `name` has this SRV record. */
  point(name: string, to: { host: string; port: number }): void;
  close(): void;
}

const TYPE_SRV = 33;
const NOT_FOUND = 3;

export async function startDnsServer(): Promise<DnsServer> {
  const records = new Map<string, { host: string; port: number }>();
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, type, end } = questionOf(query);
    const record = type === TYPE_SRV ? records.get(name) : undefined;
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    // Answer, recursion wished and available.
    header.writeUInt16BE(0x8180 | (record === undefined ? NOT_FOUND : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(record === undefined ? 0 : 1, 6);
    const answer = record === undefined ? [] : [srvRecord(record)];
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answer]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    point: (name, to) => void records.set(name.toLowerCase(), to),
    close: () => socket.close(),
  };
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function srvRecord({ host, port }: { host: string; port: number }): Buffer {
  const labels = host.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  const target = Buffer.concat([...labels, Buffer.of(0)]);
  const fixed = Buffer.alloc(18);
  // The name is that of the question, at offset 12.
  fixed.writeUInt16BE(0xc00c, 0);
  fixed.writeUInt16BE(TYPE_SRV, 2);
  fixed.writeUInt16BE(1, 4);
  fixed.writeUInt32BE(60, 6);
  fixed.writeUInt16BE(6 + target.length, 10);
  fixed.writeUInt16BE(port, 16);
  return Buffer.concat([fixed, target]);
}
