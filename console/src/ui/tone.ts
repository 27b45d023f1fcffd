/** How good or bad something is. A tone colours an icon of its own shape next to words; it never stands alone. */
export type Tone = 'ok' | 'info' | 'warning' | 'error' | 'unknown';

const severity: Readonly<Record<Tone, number>> = { error: 4, warning: 3, unknown: 2, info: 1, ok: 0 };

/** What a group shows: the worst of its members, `ok` when it has none. */
export function worstTone(tones: Iterable<Tone>): Tone {
  let worst: Tone = 'ok';
  for (const tone of tones) if (severity[tone] > severity[worst]) worst = tone;
  return worst;
}
