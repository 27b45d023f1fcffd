/**
 * A stranger's verifier: written from docs/protocol alone (verify-offline, chain-v1, manifest-v1), with nothing of Harp imported, so that a byte
 * the pages leave out is a test that fails. Checks what `harp chain export` wrote, and files on a PC against it.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** What was proven. */
export interface Proven {
  seq: number;
  link: string;
  /** Size of every file of the present state, by path. */
  files: Map<string, number>;
}

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
type Members = { [member: string]: Json };

const sha3 = (...parts: (Buffer | string)[]) => digest('sha3-256', parts);
const sha256 = (...parts: (Buffer | string)[]) => digest('sha256', parts);

/**
 * Verifies an export. `publicKey` (raw, base64) comes from elsewhere than the export; with `filesDir`, the folder on a PC, its files are hashed too.
 *
 * @throws {Error} that names the step and the entry, blob or file where something is wrong
 */
export function verifyExport(directory: string, publicKey: string, filesDir?: string): Proven {
  const read = (...path: string[]) => readFileSync(join(directory, ...path));

  // 1. Head
  const signed = members(JSON.parse(read('head.json').toString()));
  const raw = Buffer.from(publicKey, 'base64');
  const keyId = sha256(raw).subarray(0, 8).toString('hex');
  if (signed.key !== keyId) throw new Error(`head: signed with key ${text(signed.key)}, expected ${keyId}`);
  if (!isSigned(raw, 'harp/head/v1', text(signed.text), text(signed.signature)))
    throw new Error('head: the signature is wrong');
  const head = members(parseCanonical(text(signed.text), 'head'));

  // 2. Entries
  const lines = linesOf(read('entries.jsonl'), 'entries');
  const links = ['0'.repeat(64)];
  const states = [new Map<string, Members>()];
  const state = new Map<string, Members>();
  lines.forEach((line, index) => {
    const seq = index + 1;
    const entry = entryOf(line, seq);
    links.push(sha3('harp/entry/v1\n', line, Buffer.from(links[index] ?? '', 'hex')).toString('hex'));
    // 3. State
    apply(state, entry);
    states.push(new Map(state));
  });
  if (lines.length !== head.seq) throw new Error(`entries: ${lines.length}, but the head says ${text(head.seq)}`);
  if (links[lines.length] !== head.link) throw new Error(`entry ${lines.length}: does not lead to the head's link`);

  // 4. Segments and snapshot
  const folder = text(head.folder);
  for (const reference of head.segments as Members[]) {
    const { from, to } = reference as { from: number; to: number };
    const bytes = named(read('segments', text(reference.blob)), text(reference.blob), `segment ${from}–${to}`);
    const header = { v: 1, kind: 'segment', folder, from, to, previous: text(reference.previous) };
    const expected = [canonical(header), ...lines.slice(from - 1, to)].map((line) => `${line}\n`).join('');
    if (bytes.toString() !== expected) throw new Error(`segment ${from}–${to}: not the entries`);
    if (links[from - 1] !== reference.previous || links[to] !== reference.link)
      throw new Error(`segment ${from}–${to}: the head gives it other links`);
  }
  if (head.snapshot !== null) {
    const reference = members(head.snapshot as Json);
    const { seq, link, blob } = reference as { seq: number; link: string; blob: string };
    const bytes = named(read('snapshots', blob), blob, `snapshot ${seq}`);
    const files = [...(states[seq] ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
    const header = { v: 1, kind: 'snapshot', folder, seq, link, files: files.length };
    const expected = [header, ...files].map((line) => `${canonical(line)}\n`).join('');
    if (links[seq] !== link || bytes.toString() !== expected) throw new Error(`snapshot ${seq}: not the state`);
    if (!isSigned(raw, 'harp/snapshot/v1', canonical({ v: 1, folder, seq, link, blob }), text(reference.signature)))
      throw new Error(`snapshot ${seq}: the signature is wrong`);
  }

  // 5. Manifests
  const manifests = new Map<string, { id: string; length: number }[]>();
  for (const id of readdirSync(join(directory, 'manifests')))
    manifests.set(id, chunksOf(named(read('manifests', id), id, `manifest ${id}`), id));
  const files = new Map<string, number>();
  for (const [path, record] of state) {
    const chunks = manifests.get(text(record.manifest));
    if (chunks === undefined) throw new Error(`manifest of ${path}: missing`);
    const size = chunks.reduce((sum, { length }) => sum + length, 0);
    if (size !== record.size)
      throw new Error(`manifest of ${path}: ${size} bytes, the entry says ${text(record.size)}`);
    const single = chunks.length === 1 ? chunks[0]?.id : undefined;
    if (record.chunk !== single) throw new Error(`entry ${text(record.seq)}: carries another chunk than its manifest`);
    files.set(path, size);
    // 6. Files on the PC
    if (filesDir !== undefined) checkFile(join(filesDir, path), path, chunks);
  }
  return { seq: lines.length, link: links[lines.length] ?? '', files };
}

/** The members an entry has, by what it does; `chunk` may be absent. */
const entryMembers: Record<string, string[]> = {
  put: ['v', 'op', 'seq', 'atMs', 'path', 'size', 'mtimeMs', 'etag', 'fileId', 'manifest'],
  move: ['v', 'op', 'seq', 'atMs', 'path', 'from'],
  delete: ['v', 'op', 'seq', 'atMs', 'path'],
};

function entryOf(line: string, seq: number): Members {
  const entry = members(parseCanonical(line, `entry ${seq}`));
  const expected = entryMembers[text(entry.op)] ?? [];
  const present = Object.keys(entry).filter((name) => !(entry.op === 'put' && name === 'chunk'));
  if (present.toSorted().join() !== expected.toSorted().join()) throw new Error(`entry ${seq}: has other members`);
  if (entry.v !== 1 || entry.seq !== seq) throw new Error(`entry ${seq}: is numbered ${text(entry.seq)}`);
  for (const path of [entry.path, entry.from]) if (path !== undefined) checkPath(text(path), seq);
  return entry;
}

function checkPath(path: string, seq: number): void {
  const names = path.split('/');
  const isBad =
    names.some((name) => ['', '.', '..'].includes(name)) ||
    /[\\\p{Cc}\p{Cs}]/u.test(path) ||
    path.normalize('NFC') !== path ||
    Buffer.byteLength(path) > 4096;
  if (isBad) throw new Error(`entry ${seq}: its path is not allowed`);
}

function apply(state: Map<string, Members>, entry: Members): void {
  const path = text(entry.path);
  if (entry.op === 'delete') state.delete(path);
  else if (entry.op === 'move') {
    const moved = state.get(text(entry.from));
    if (moved === undefined) return;
    state.delete(text(entry.from));
    state.set(path, { ...moved, path });
  } else {
    const { v: _v, op: _op, atMs: _atMs, ...record } = entry;
    state.set(path, record);
  }
}

function chunksOf(bytes: Buffer, id: string): { id: string; length: number }[] {
  const malformed = () => new Error(`manifest ${id}: malformed`);
  if (bytes.length < 20 || bytes.subarray(0, 8).toString('latin1') !== 'HARPMAN1') throw malformed();
  const size = Number(bytes.readBigUInt64BE(8));
  const count = bytes.readUInt32BE(16);
  if (bytes.length !== 20 + 36 * count) throw malformed();
  const chunks = Array.from({ length: count }, (_, index) => {
    const at = 20 + 36 * index;
    return { id: bytes.subarray(at, at + 32).toString('hex'), length: bytes.readUInt32BE(at + 32) };
  });
  const isSane = chunks.every(
    ({ length }, index) => length > 0 && length <= 4_194_304 && (index === count - 1 || length >= 262_144),
  );
  if (!isSane || chunks.reduce((sum, { length }) => sum + length, 0) !== size) throw malformed();
  return chunks;
}

function checkFile(place: string, path: string, chunks: { id: string; length: number }[]): void {
  if (!existsSync(place)) throw new Error(`file ${path}: missing`);
  const file = openSync(place, 'r');
  try {
    let offset = 0;
    for (const { id, length } of chunks) {
      const bytes = Buffer.alloc(length);
      const isWhole = readSync(file, bytes, 0, length, offset) === length;
      if (!isWhole || sha256(bytes).toString('hex') !== id)
        throw new Error(`file ${path}: bytes ${offset}–${offset + length - 1} are not what was signed`);
      offset += length;
    }
    if (readSync(file, Buffer.alloc(1), 0, 1, offset) !== 0) throw new Error(`file ${path}: goes on after ${offset}`);
  } finally {
    closeSync(file);
  }
}

function named(bytes: Buffer, id: string, what: string): Buffer {
  if (sha3(bytes).toString('hex') !== id) throw new Error(`${what}: its bytes do not have its name`);
  return bytes;
}

/** Lines, each ended by LF, the last one too. */
function linesOf(bytes: Buffer, what: string): string[] {
  const lines = bytes.toString('utf8').split('\n');
  if (lines.pop() !== '') throw new Error(`${what}: the last line is not ended`);
  return lines;
}

function isSigned(raw: Buffer, context: string, signedText: string, signature: string): boolean {
  const prefix = Buffer.from('302a300506032b6570032100', 'hex');
  const key = createPublicKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(`${context}\n${signedText}`), key, Buffer.from(signature, 'base64'));
}

function parseCanonical(line: string, what: string): Json {
  let value: Json;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`${what}: is not JSON`);
  }
  if (canonical(value) !== line) throw new Error(`${what}: is not in canonical form`);
  return value;
}

/** RFC 8785, for values whose only numbers are integers. JSON.stringify escapes strings as its section 3.2.2.2 says. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value).sort((a, b) => (a < b ? -1 : 1));
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name] as Json)}`).join(',')}}`;
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new Error(`${value} is not an integer`);
  return JSON.stringify(value);
}

function members(value: Json): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('an object is expected');
  return value;
}

function text(value: Json | undefined): string {
  return String(value);
}

function digest(algorithm: string, parts: (Buffer | string)[]): Buffer {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
