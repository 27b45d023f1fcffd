/** Made-up data, the same at every visit. */
import type { Tone } from '../../ui/tone.ts';

/** The moment at which everything in the workshop happens. */
export const NOW_MS = Date.UTC(2026, 10, 22, 14, 0, 0);

/** Names as some people and machines have them. */
export const hostileNames = [
  '<img src=x onerror=alert(1)>',
  '=HYPERLINK("http://example.org")',
  'a-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-and-on-without-a-space',
  'شركة المثال — PC 7',
  'evil\u202Etxt.exe',
  '{count, plural, one {#}}',
  '   ',
  '事務所のパソコン',
] as const;

/** Numbers from 0 to 1 that look random and are not. */
export function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

export interface SamplePc {
  id: string;
  name: string;
  office: string;
  tone: Tone;
  icon: string;
  words: string;
  bytes: number | null;
  lanShare: number | null;
}

const kinds: readonly [Tone, string, string][] = [
  ['ok', 'pass', 'complete'],
  ['ok', 'sync', 'syncing 71 %'],
  ['warning', 'debug-disconnect', 'offline'],
  ['error', 'error', 'blocked: disk full'],
  ['unknown', 'circle-large-outline', 'never seen'],
];

/** PCs of several offices; the first few with hostile names. */
export function samplePcs(count: number, hostile = true): SamplePc[] {
  const next = sequence(count);
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[next() < 0.8 ? 0 : Math.floor(next() * kinds.length)];
    const [tone, icon, words] = kind ?? (['ok', 'pass', 'complete'] as const);
    const office = `Office ${1 + Math.floor(next() * 100)}`;
    const isKnown = tone !== 'unknown';
    return {
      id: `pc-${index}`,
      name: (hostile ? hostileNames[index] : undefined) ?? `PC-${String(index + 1).padStart(5, '0')}`,
      office,
      tone,
      icon,
      words,
      bytes: isKnown ? Math.round(next() * 4e11) : null,
      lanShare: isKnown ? next() : null,
    };
  });
}
