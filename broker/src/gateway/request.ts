import type { IncomingMessage } from 'node:http';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { z } from 'zod';
import { HarpError, limits } from '../protocol/index.ts';
import { isStorable } from '../store/storable.ts';

/**
 * The JSON body of a request, checked against its schema.
 *
 * @throws {HarpError} `protocol.too_large`, `protocol.invalid_message`
 */
export async function readJson<S extends z.ZodType>(request: IncomingMessage, schema: S): Promise<z.infer<S>> {
  const value = parse((await readBody(request)).toString('utf8'));
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.');
    throw new HarpError('protocol.invalid_message', `${where}: ${issue?.message ?? 'not valid'}`);
  }
  if (!isStorable(parsed.data)) throw new HarpError('protocol.invalid_message', 'a text holds NUL or half a character');
  return parsed.data;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const maxBytes = limits.requestBodyMaxBytes;
  const tooLarge = () => new HarpError('protocol.too_large', `a body may have ${maxBytes} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  // Leaving the loop early must not cut the connection: the refusal still has to go out on it.
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += part.length;
    if (sizeBytes > maxBytes) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts, sizeBytes);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HarpError('protocol.invalid_message', 'the body is not JSON', { cause });
  }
}

/** The address a request came from; IPv4 in its own form also on a dual-stack socket. */
export function addressOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}

/** The TLS session of a request to an HTTPS server. */
export function tlsOf(request: IncomingMessage): TLSSocket {
  return request.socket as TLSSocket;
}

/** The certificates the client showed (DER), its own first, as far as each issued the one before. */
export function chainOf(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  // Node links a self-signed end to itself.
  while (certificate?.raw !== undefined && !chain.some((seen) => certificate!.raw.equals(seen))) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}
