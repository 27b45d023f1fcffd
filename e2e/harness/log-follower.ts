/** Follows a log channel through the REST API, as the workbench's Output does. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LogBatch, type LogLine } from '../../console/src/api/schemas.ts';
import type { Server } from './fleet.ts';

export interface LogFollower {
  /** Every line so far, oldest first. */
  readonly lines: readonly LogLine[];
  /** The newest state the channel had. */
  readonly state: LogBatch['state'] | undefined;
  stop(): Promise<void>;
}

const Credentials = z.object({ url: z.string(), apiKey: z.string() });

/** Begins with the newest lines and goes on until it is stopped. @throws {Error} with the answer if the channel is refused */
export async function followLog(server: Server, channel: string): Promise<LogFollower> {
  const { url, apiKey } = Credentials.parse(JSON.parse(readFileSync(join(server.dataDir, 'cli.json'), 'utf8')));
  const ending = new AbortController();
  const response = await fetch(`${url}/api/v1/logs/${encodeURIComponent(channel)}/stream?after=0`, {
    headers: { authorization: `Bearer ${apiKey}` },
    signal: ending.signal,
  });
  if (!response.ok || response.body === null)
    throw new Error(`${channel}: ${response.status} ${await response.text()}`);
  const lines: LogLine[] = [];
  let state: LogBatch['state'] | undefined;
  const reading = read(response.body, (batch) => {
    lines.push(...batch.lines);
    state = batch.state;
  }).catch((error: unknown) => {
    // A server that was killed ends the stream as well.
    if (!ending.signal.aborted) state = undefined;
    return error;
  });
  return {
    lines,
    get state() {
      return state;
    },
    async stop() {
      ending.abort();
      await reading;
    },
  };
}

async function read(body: ReadableStream<Uint8Array>, take: (batch: LogBatch) => void): Promise<void> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    const events = text.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const fields = event.split('\n');
      const data = fields.find((field) => field.startsWith('data: '));
      if (fields.includes('event: log') && data !== undefined) take(LogBatch.parse(JSON.parse(data.slice(6))));
    }
  }
}
