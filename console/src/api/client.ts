/** How browser code asks the server: typed by the schemas, one error type. */
import type { z } from 'zod';
import { ErrorBody } from './schemas.ts';
import { heardServerTime } from './server-clock.ts';

/** A refusal of the API, or none at all (`network`). `requestId` finds the line in the server's log. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly status: number;
  readonly requestId: string | undefined;

  constructor(
    message: string,
    facts: { code: string; status: number; requestId?: string | undefined; cause?: unknown },
  ) {
    super(message, { cause: facts.cause });
    this.code = facts.code;
    this.status = facts.status;
    this.requestId = facts.requestId;
  }
}

export interface AskOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  signal?: AbortSignal;
}

/** What the live stream had sent when this page asked for the first time. */
let firstLiveId: string | undefined;

/**
 * The place in the live stream before anything that this page has read: a stream that begins there misses nothing. Undefined before the first
 * answer.
 */
export function liveIdBeforeFirstRead(): string | undefined {
  return firstLiveId;
}

/** Asks `/api/v1{path}` and parses the answer. @throws {ApiError} */
export async function ask<S extends z.ZodType>(schema: S, path: string, options: AskOptions = {}): Promise<z.infer<S>> {
  let response: Response;
  const askedAtMs = Date.now();
  try {
    response = await fetch(`/api/v1${path}`, {
      method: options.method ?? 'GET',
      headers: {
        accept: 'application/json',
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      credentials: 'same-origin',
    });
  } catch (cause) {
    if (options.signal?.aborted) throw cause;
    throw new ApiError('The server does not answer. Is it running, and is the network up?', {
      code: 'network',
      status: 0,
      cause,
    });
  }
  heardServerTime(response.headers.get('date'), askedAtMs, Date.now());
  firstLiveId ??= response.headers.get('x-harp-live') ?? undefined;
  const value: unknown = response.status === 204 ? null : await response.json().catch(() => undefined);
  if (!response.ok) {
    const refusal = ErrorBody.safeParse(value);
    throw refusal.success
      ? new ApiError(refusal.data.error.message, { ...refusal.data.error, status: response.status })
      : new ApiError(`The server answered ${response.status}.`, { code: 'unexpected', status: response.status });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    throw new ApiError('The server’s answer has another form than this page expects. Reload the page.', {
      code: 'unexpected',
      status: response.status,
      cause: parsed.error,
    });
  }
  return parsed.data;
}
