import { Reported } from '../protocol/index.ts';
import type { ReportedRow } from '../store/ingest-store.ts';
import { type Receipt, readPayload } from './intake.ts';

/** Reads an agent's present state, keeping what this version of the schema knows. */
export function readReported(payload: Buffer, { agent, receivedAtMs }: Receipt): ReportedRow | undefined {
  const reported = readPayload(Reported, payload);
  return reported && { agent, reported, receivedAtMs };
}
