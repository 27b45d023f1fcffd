/** Entry: one change in a folder. The schemas are strict: a key nobody knows would change the link without changing the meaning. */
import { z } from 'zod';
import { utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import { BlobId, ChunkId } from './ids.ts';
import { limits } from './limits.ts';

/**
 * A path inside a folder: names joined by `/`, Unicode NFC. Refused here, whatever the operating system: empty, `.` and `..` names, a leading or
 * trailing slash, backslashes, control characters, lone surrogates, more than 4096 bytes. Names a certain system cannot store are the agent's to map.
 */
export const EntryPath = z
  .string()
  .min(1)
  .superRefine((path, context) => {
    const problem = pathProblem(path);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .brand<'EntryPath'>();
export type EntryPath = z.infer<typeof EntryPath>;

/** Why `path` may not stand in an entry, in words for a person; undefined if it may. */
export function pathProblem(path: string): string | undefined {
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(path))
    return 'holds a lone surrogate';
  if (/\p{Cc}/u.test(path)) return 'holds a control character';
  if (path.includes('\\')) return 'holds a backslash';
  if (path.normalize('NFC') !== path) return 'is not in Unicode NFC';
  if (utf8(path).length > limits.pathMaxBytes) return `is longer than ${limits.pathMaxBytes} bytes`;
  if (path.split('/').some((name) => name === '' || name === '.' || name === '..')) {
    return 'holds an empty, "." or ".." name, or starts or ends with a slash';
  }
  return undefined;
}

const seq = z.int().min(1);
const instant = z.int().min(0);

/** What a folder holds at one path: a file version. `etag` is Nextcloud's, without quotes; `fileId` Nextcloud's, as text. */
export const fileVersionShape = {
  path: EntryPath,
  size: z.int().min(0),
  mtimeMs: instant,
  etag: z.string().min(1).max(200),
  fileId: z.string().min(1).max(64),
  manifest: BlobId,
  /** Only for files of exactly one chunk: lets an agent rebuild the manifest instead of fetching it. */
  chunk: ChunkId.exactOptional(),
};

const base = { v: z.literal(1), seq, atMs: instant };

/** A file version appears at `path`, new or over another. */
export const PutEntry = z.strictObject({ ...base, op: z.literal('put'), ...fileVersionShape });
/** The file at `from` is at `path` from now on, with the same content, etag and file id. A file at `path` is replaced. */
export const MoveEntry = z.strictObject({ ...base, op: z.literal('move'), path: EntryPath, from: EntryPath });
/** The file at `path` is gone. */
export const DeleteEntry = z.strictObject({ ...base, op: z.literal('delete'), path: EntryPath });

export const Entry = z.discriminatedUnion('op', [PutEntry, MoveEntry, DeleteEntry]);
export type Entry = z.infer<typeof Entry>;
export type PutEntry = z.infer<typeof PutEntry>;

/** One file of a folder's present state: what a snapshot lists. `seq` is the entry that put this version. */
export const FileRecord = z.strictObject({ ...fileVersionShape, seq });
export type FileRecord = z.infer<typeof FileRecord>;

/** The bytes of an entry that go into its link: `harp/entry/v1`, a line feed, canonical JSON. */
export function serialiseEntry(entry: Entry): Uint8Array {
  return utf8(`harp/entry/v1\n${canonicalJson(entry)}`);
}
