/**
 * Requests to one sign-in provider and to nobody else: its origin, its CA, no redirects, no cookies, a bounded answer, and five seconds for all of them
 * together.
 */
import { rootCertificates } from 'node:tls';
import { HarpError } from '@harp/broker/protocol';
import type { CustomFetch } from 'openid-client';
import { Agent, request as send } from 'undici';

/** People wait before a blank page meanwhile. */
const WITHIN_MS = 5000;
/** Discovery documents, key sets and tokens have some kilobytes. */
const MAX_BYTES = 256 * 1024;
/** Statuses that may not come with a body. */
const EMPTY = new Set([101, 204, 205, 304]);

export interface ProviderHttp extends AsyncDisposable {
  fetch: CustomFetch;
}

/** A way to the provider at `url`, for one sign-in. `name` is what people call it. */
export function openProvider({ name, url, caPem }: { name: string; url: string; caPem: string | null }): ProviderHttp {
  const { origin } = new URL(url);
  const agent = new Agent({
    maxResponseSize: MAX_BYTES,
    connect: { timeout: WITHIN_MS, ...(caPem === null ? {} : { ca: [...rootCertificates, caPem] }) },
  });
  const deadline = AbortSignal.timeout(WITHIN_MS);
  return {
    async fetch(address, { method, headers, body }) {
      const asked = new URL(address);
      // What a provider says of itself must not make the server ask others, or things behind the firewall.
      if (asked.origin !== origin)
        throw new HarpError(
          'provider.refused',
          `${name} names an address at ${asked.origin}, and only ${origin} is asked: use a provider whose addresses are all at one place`,
        );
      try {
        const answer = await send(asked, {
          dispatcher: agent,
          method: method as 'GET' | 'POST',
          headers,
          ...(body === undefined || body === null ? {} : { body: body.toString() }),
          signal: deadline,
        });
        const bytes = await answer.body.arrayBuffer();
        const known = Object.entries(answer.headers).filter(
          (entry): entry is [string, string] => typeof entry[1] === 'string',
        );
        return new Response(EMPTY.has(answer.statusCode) ? null : bytes, {
          status: answer.statusCode,
          headers: Object.fromEntries(known),
        });
      } catch (error) {
        throw new HarpError(
          'provider.unreachable',
          `${name} does not answer at ${origin} (${reasonOf(error, deadline)}): is it running, and does the server reach it? Sign in with your password meanwhile`,
          { cause: error },
        );
      }
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

function reasonOf(error: unknown, deadline: AbortSignal): string {
  if (deadline.aborted) return `nothing within ${WITHIN_MS / 1000} s`;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown';
}
