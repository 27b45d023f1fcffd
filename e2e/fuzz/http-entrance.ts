/** Sends requests to an HTTP server and looks at its answers. */
import { z } from 'zod';
import type { HttpBytes, HttpLine, Outcome } from './http-line.ts';
import { type Counter, HANG_MS } from './tally.ts';

const Refusal = z.object({
  error: z.object({ code: z.string(), message: z.string(), requestId: z.string().optional() }),
});

/** Statuses above 499 that say on purpose that nobody is at fault: too busy, or not ready. */
const NAMED = new Set([503]);

/** Sends one request, counts how it ended, and notes what must not have happened. */
export async function ask(line: HttpLine, request: HttpBytes, index: number, counter: Counter): Promise<Outcome> {
  const startedAt = performance.now();
  let outcome: Outcome;
  try {
    outcome = await line.send(request);
  } catch (error) {
    counter.fault(index, error instanceof Error ? error.message : String(error), request.bytes);
    counter.ended('unreachable', performance.now() - startedAt, request.bytes);
    return 'closed';
  }
  const tookMs = performance.now() - startedAt;
  counter.ended(typeof outcome === 'string' ? outcome : String(outcome.status), tookMs, request.bytes);
  const why = complaint(outcome, tookMs);
  if (why !== undefined) counter.fault(index, why, request.bytes);
  return outcome;
}

function complaint(outcome: Outcome, tookMs: number): string | undefined {
  if (outcome === 'silent') return `neither an answer nor an end within ${HANG_MS} ms`;
  if (outcome === 'closed') return undefined;
  if (tookMs > HANG_MS) return `an answer after ${Math.round(tookMs)} ms`;
  if (outcome.status < 100) return 'an answer that is no HTTP';
  if (outcome.status < 500) return undefined;
  if (!NAMED.has(outcome.status)) return `${outcome.status}: ${outcome.body.slice(0, 300)}`;
  const said = Refusal.safeParse(parsed(outcome.body));
  const id = outcome.requestId ?? (said.success ? said.data.error.requestId : undefined);
  return id === undefined ? `${outcome.status} without a request id: ${outcome.body.slice(0, 300)}` : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
