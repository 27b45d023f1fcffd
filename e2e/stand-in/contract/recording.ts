import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Body = z.union([
  z.object({ text: z.string() }),
  z.object({ base64: z.string() }),
  z.object({ sha256: z.string(), length: z.number() }),
  z.object({}).strict(),
]);
type Body = z.infer<typeof Body>;

const Recording = z.object({
  name: z.string(),
  note: z.string().optional(),
  request: z.object({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string()),
    body: Body.nullish(),
  }),
  response: z.object({
    status: z.number(),
    reason: z.string(),
    headers: z.record(z.string(), z.string()),
    body: Body.nullish(),
  }),
});

/** One exchange with a real Nextcloud. See the README beside the recordings. */
export type Recording = z.infer<typeof Recording> & { number: number };

/** Where the recordings lie: beside the repository, not in it. */
export const recordingsFolder = join(import.meta.dirname, '../../../../shared/nextcloud/recordings/nc27');

/** All recordings in the order they were made; empty in a clone that does not have them. */
export function loadRecordings(): Recording[] {
  if (!existsSync(recordingsFolder)) return [];
  const names = readdirSync(recordingsFolder).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => {
    const parsed: unknown = JSON.parse(readFileSync(join(recordingsFolder, name), 'utf8'));
    return { ...Recording.parse(parsed), number: Number(name.slice(0, 3)) };
  });
}

/** The big file of the README: sha512("0"), sha512("1"), … sha512("59999"). */
function bigFile(): Buffer {
  return Buffer.concat(
    Array.from({ length: 60_000 }, (_, index) => createHash('sha512').update(String(index)).digest()),
  );
}

let knownBodies: Buffer[] | undefined;

/** Bytes of a body. One that is only known by its digest is looked for in the big file and its two upload chunks. */
export function bytesOf(body: Body | null | undefined): Buffer | undefined {
  if (body === undefined || body === null) return undefined;
  if ('text' in body) return Buffer.from(body.text);
  if ('base64' in body) return Buffer.from(body.base64, 'base64');
  if (!('sha256' in body)) return Buffer.alloc(0);
  if (knownBodies === undefined) {
    const big = bigFile();
    knownBodies = [big, big.subarray(0, 2_000_000), big.subarray(2_000_000)];
  }
  const found = knownBodies.find((bytes) => createHash('sha256').update(bytes).digest('hex') === body.sha256);
  if (found === undefined) throw new Error(`no known bytes have the digest ${body.sha256}`);
  return found;
}
