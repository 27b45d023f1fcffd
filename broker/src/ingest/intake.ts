import type { z } from 'zod';
import type { AgentId } from '../protocol/index.ts';
import { isStorable } from '../store/storable.ts';

/** What is known of a message besides its payload. */
export interface Receipt {
  /** From the topic, which the broker's ACL ties to the sender's certificate. */
  agent: AgentId;
  receivedAtMs: number;
}

/** The payload as the schema has it; undefined for anything else, text that PostgreSQL cannot hold included. Never throws. */
export function readPayload<S extends z.ZodType>(schema: S, payload: Buffer): z.infer<S> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(value);
  return parsed.success && isStorable(parsed.data) ? parsed.data : undefined;
}
