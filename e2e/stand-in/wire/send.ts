import type { ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import { bufferContent, readStepBytes } from '../cloud/content.ts';
import type { FairRate } from './fair-rate.ts';
import { type Fault, faultOf } from './faults.ts';
import type { Account } from './ledger.ts';
import { type FileBody, isFileBody, type Reply } from './reply.ts';

/** Distance of the bytes that a `corrupt` fault flips, counted from the start of the body. */
const corruptEveryBytes = 4096;

/** What happens to the body of one answer on its way out. */
export interface Route {
  readonly account: Account;
  /** Lines the bytes have to pass: the office's, and one of its own for a `slow` fault. */
  readonly lines: readonly FairRate[];
  readonly faults: readonly Fault[];
  /** Called once, when the first piece of a file is out. */
  readonly onFirstPiece: (body: FileBody) => void;
}

/** Sends an answer and counts it. Resolves when it is out or the client is gone; releases the file's content. */
export async function send(response: ServerResponse, reply: Reply, route: Route): Promise<void> {
  const { body } = reply;
  route.account.countAnswer(reply.status);
  const gone = new AbortController();
  if (response.destroyed) gone.abort(new ClientGone());
  response.once('close', () => gone.abort(new ClientGone()));
  try {
    response.writeHead(reply.status, withLength(reply));
    if (body === undefined || response.req.method === 'HEAD') {
      response.end();
      return;
    }
    const whole = await pump(response, body, route, gone.signal);
    if (whole) response.end();
    else breakOff(response, route.faults);
  } catch (error) {
    if (!(error instanceof ClientGone)) throw error;
  } finally {
    if (body !== undefined && isFileBody(body)) await body.content.release();
  }
}

class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

function withLength(reply: Reply): Reply['headers'] {
  if (reply.body === undefined) return reply.headers;
  const length = isFileBody(reply.body) ? reply.body.end - reply.body.start : reply.body.length;
  return { ...reply.headers, 'Content-Length': length };
}

/** Returns false when a fault cut the body short. */
async function pump(
  response: ServerResponse,
  body: Buffer | FileBody,
  route: Route,
  signal: AbortSignal,
): Promise<boolean> {
  const file = isFileBody(body) ? body : undefined;
  const source = file?.content ?? bufferContent(body as Buffer);
  const start = file?.start ?? 0;
  const end = file?.end ?? source.sizeBytes;
  const corrupt = faultOf(route.faults, 'corrupt') !== undefined;
  const cutAfter = (faultOf(route.faults, 'short-body') ?? faultOf(route.faults, 'reset'))?.afterBytes;
  const wholeLength = cutAfter === undefined || cutAfter >= end - start;
  const stop = wholeLength ? end : start + cutAfter;
  if (file !== undefined) route.account.downloadStarted();
  let at = start;
  try {
    for await (const piece of source.read(start, stop)) {
      for (const part of parts(piece, route.lines)) {
        for (const line of route.lines) await line.take(part.length, signal);
        await write(response, corrupt ? corrupted(part, at - start) : part, signal);
        route.account.countBodyBytes(part.length);
        if (file !== undefined) route.account.countFileBytes(file, at, at + part.length, corrupt);
        if (file !== undefined && at === start) route.onFirstPiece(file);
        at += part.length;
      }
    }
  } finally {
    if (file !== undefined) route.account.downloadEnded();
  }
  return wholeLength;
}

function* parts(piece: Buffer, lines: readonly FairRate[]): Generator<Buffer> {
  const step = Math.min(readStepBytes, ...lines.map((line) => line.stepBytes));
  for (let at = 0; at < piece.length; at += step) yield piece.subarray(at, at + step);
}

/** Waits until the kernel has the bytes: that is the back-pressure, and what the ledger counts. */
function write(response: ServerResponse, part: Buffer, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    if (signal.aborted) {
      giveUp();
      return;
    }
    signal.addEventListener('abort', giveUp, { once: true });
    response.write(part, (error) => {
      signal.removeEventListener('abort', giveUp);
      if (error) reject(new ClientGone('the connection broke while writing', { cause: error }));
      else resolve();
    });
  });
}

function corrupted(part: Buffer, offset: number): Buffer {
  const copy = Buffer.from(part);
  const first = (corruptEveryBytes - (offset % corruptEveryBytes)) % corruptEveryBytes;
  for (let at = first; at < copy.length; at += corruptEveryBytes) copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

function breakOff(response: ServerResponse, faults: readonly Fault[]): void {
  const { socket } = response;
  if (socket === null) return;
  response.flushHeaders();
  if (faultOf(faults, 'short-body') !== undefined) socket.end();
  else if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
