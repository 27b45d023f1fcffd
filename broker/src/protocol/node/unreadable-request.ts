/** What bytes are answered with that Node's HTTP parser refused, and for which there is no response object. */
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { type ErrorCode, errorCodes } from '../errors.ts';
import type { ErrorBody } from '../peer-api.ts';

/** By the code of the parser's error; with any other the request cannot be read. */
const refusals: Readonly<Record<string, readonly [string, ErrorCode]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'protocol.too_large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'protocol.invalid_message'],
};
const unreadable = ['400 Bad Request', 'protocol.invalid_message'] as const;

/** For the answer to arrive. Whoever keeps its side open longer is cut: nobody else would, because nothing is read from it any more. */
const LINGER_MS = 1_000;

/** Answers a `clientError` of an HTTP server with an ErrorBody, and ends the connection. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code] = refusals[error.code ?? ''] ?? unreadable;
  const requestId = randomBytes(8).toString('hex');
  const body: ErrorBody = { error: { code, message: errorCodes[code].title, requestId } };
  const text = JSON.stringify(body);
  const headers = ['Connection: close', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(text)}`];
  socket.end(`HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n${text}`);
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(cut));
}
