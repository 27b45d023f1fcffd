import { createHash } from 'node:crypto';
import { type Content, seededContent } from './cloud/content.ts';

/** One file of a sample tree. */
export interface SampleFile {
  /** Below the sample's folder, without a leading slash. */
  path: string;
  sizeBytes: number;
  mtimeMs: number;
  /** The bytes, computed on demand; `content.read(0, sizeBytes)` streams them. */
  content: Content;
}

/** How large a sample tree is and which one of its kind. */
export interface SampleTreeOptions {
  /** All files together, within 1 %. At least 8; default 60. */
  megabytes?: number | undefined;
  /** Same seed and size, same names, bytes and times. Default `harp`. */
  seed?: string | undefined;
}

const megabyte = 1024 * 1024;
const smallFiles = 500;
/** 2026-01-05T08:00:00Z; every file is some minutes later than this. */
const firstMtimeMs = Date.UTC(2026, 0, 5, 8);

/** Names that break careless code: accents in NFC, emoji, right-to-left, CJK, blanks, percent and ampersand. */
const unicodePaths = [
  'Größe & Maß/café ☕.txt',
  'Größe & Maß/Ünïcödé 100%.csv',
  'emoji 🎉/👩‍👩‍👧‍👦 family.png',
  'مشروع/خطة الموقع.pdf',
  'תוכניות/קובץ ראשון.docx',
  '設計図/東京支店 平面図.dwg',
  '설계/서울 지점.dwg',
  'Ελλάδα/σχέδιο (τελικό).pdf',
  'Россия/план [v2].xlsx',
  "quotes/it's #1; really?.md",
] as const;

const emptyPaths = ['empty.dat', 'Projects/empty marker.txt', 'deep/no content.bin'] as const;

/** Shares of the bytes that the large files get; the rest of the tree is small. */
const largeFiles = [
  ['Projects/north bridge.dwg', 0.4],
  ['Projects/survey/point cloud.bin', 0.25],
  ['Media/site video.mp4', 0.2],
  ['Media/archive.zip', 0.1],
] as const;

/** A deterministic tree: four large files, 500 small ones, unicode names, empty files and deep folders. */
export function* sampleTree({ megabytes = 60, seed = 'harp' }: SampleTreeOptions = {}): Generator<SampleFile> {
  if (megabytes < 8) throw new RangeError('a sample tree has at least 8 MB: its small files alone take about 4');
  const make = (path: string, sizeBytes: number): SampleFile => {
    const contentSeed = `${seed}/${path}`;
    const mtimeMs = firstMtimeMs + draw(`${contentSeed}/mtime`, 200_000) * 60_000;
    return { path, sizeBytes, mtimeMs, content: seededContent(contentSeed, sizeBytes) };
  };
  const small = [...smallPaths(), ...unicodePaths, deepPath()].map((path) =>
    make(path, 200 + draw(`${seed}/${path}/size`, 16_000)),
  );
  const largeBytes = Math.round(megabytes * megabyte) - small.reduce((sum, file) => sum + file.sizeBytes, 0);
  const totalShare = largeFiles.reduce((sum, [, share]) => sum + share, 0);
  for (const [path, share] of largeFiles) yield make(path, Math.floor((largeBytes * share) / totalShare));
  yield* small;
  for (const path of emptyPaths) yield make(path, 0);
}

function* smallPaths(): Generator<string> {
  const kinds = ['txt', 'csv', 'json', 'pdf', 'docx'];
  for (let number = 0; number < smallFiles; number += 1) {
    const folder = `Records/${2020 + (number % 6)}/batch ${String(Math.floor(number / 50)).padStart(2, '0')}`;
    yield `${folder}/record ${String(number).padStart(3, '0')}.${kinds[number % kinds.length]}`;
  }
}

function deepPath(): string {
  const folders = Array.from({ length: 20 }, (_, level) => `level ${level + 1}`);
  return ['deep', ...folders, 'at the bottom.txt'].join('/');
}

/** A number from 0 to `below` that depends on the text alone. */
function draw(text: string, below: number): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) % below;
}
