/**
 * Finds what somebody means by a few typed letters, in the manner of VS Code: the letters must occur in order; word starts, camel humps and
 * runs count more than scattered letters, a name more than its path. Made for 20 000 candidates within a keystroke: candidates are folded once,
 * most are dismissed by a bit mask, and places of matches are worked out only for rows that are shown.
 */

/** A range of UTF-16 units in a text, from and to (exclusive). */
export type Range = readonly [number, number];

/** What is typed, taken apart: every word must be found, in any order. */
export interface FuzzyQuery {
  readonly words: readonly FoldedText[];
}

/** What can be found. A description that looks like a path belongs before the label: `Plans/2026` and `plan.pdf`. */
export interface FuzzyTexts {
  readonly label: string;
  readonly description?: string | undefined;
  /** Found as well, and almost as good: the label in another language, for example. */
  readonly alias?: string | undefined;
}

interface FoldedText {
  readonly text: string;
  readonly folded: string;
  readonly mask: number;
}

/** A candidate, folded. Make it once per candidate: see {@link prepare}. What stands round the label is folded when it is first looked at. */
export interface Prepared {
  readonly label: FoldedText;
  readonly description: string | undefined;
  readonly alias: string | undefined;
  foldedDescription?: FoldedText;
  foldedAlias?: FoldedText;
  /** Description and label as one path, for words with a slash. */
  foldedPath?: FoldedText;
}

/** Beyond this nobody reads a name, and a hostile one must not cost time. */
const MAX_TEXT = 256;
const MAX_WORD = 64;
const MAX_WORDS = 8;

const MATCH = 16;
/** More than a word start: a run of letters is what people type on purpose. */
const CONSECUTIVE = 12;
const AT_START = 14;
const AFTER_SEPARATOR = 10;
const CAMEL_HUMP = 8;
const GAP_OPENS = 5;
const GAP_GOES_ON = 1;
/** A match far from the beginning is not much worse than one in the middle. */
const MAX_LEADING = 8;
const PREFIX = 12;
const WHOLE = 24;
/** Of two equal matches the one that is seen comes first. */
const ALIAS_COST = 8;
/** Any match in a label beats any match beside it. */
const IN_LABEL = 1 << 13;

const NONE = -(1 << 28);

// One search runs at a time, so the tables are made once: rows are letters of the word, columns letters of the text.
const ended = new Int32Array(MAX_WORD * MAX_TEXT);
const best = new Int32Array(MAX_WORD * MAX_TEXT);
const bonuses = new Int32Array(MAX_TEXT);

/** Takes a query apart. Text beyond 8 words of 64 letters is not looked at. */
export function parseQuery(text: string): FuzzyQuery {
  const words = text.trim().split(/\s+/).filter(Boolean).slice(0, MAX_WORDS);
  return { words: words.map((word) => fold(word.slice(0, MAX_WORD))) };
}

/** Folds a candidate. Keep the result as long as its texts stay the same. */
export function prepare({ label, description, alias }: FuzzyTexts): Prepared {
  return { label: fold(label), description: description?.slice(0, MAX_TEXT / 2), alias };
}

/** How well a word fits what stands beside the label. */
function fitDescription(word: FoldedText, prepared: Prepared): number {
  if (!prepared.description) return NONE;
  prepared.foldedDescription ??= fold(prepared.description);
  const score = fit(word, prepared.foldedDescription);
  return score === NONE && word.folded.includes('/') ? fit(word, pathOf(prepared, prepared.description)) : score;
}

/** How well a word fits the label's other name: a whole word there is more than scattered letters in the label. */
function fitAlias(word: FoldedText, prepared: Prepared): number {
  if (!prepared.alias) return NONE;
  prepared.foldedAlias ??= fold(prepared.alias);
  const score = fit(word, prepared.foldedAlias);
  return score === NONE ? NONE : score - ALIAS_COST;
}

function pathOf(prepared: Prepared, description: string): FoldedText {
  prepared.foldedPath ??= fold(`${description}/${prepared.label.text}`);
  return prepared.foldedPath;
}

/** How well a candidate fits: more is better, undefined is not at all. Everything fits an empty query equally. */
export function scoreOf({ words }: FuzzyQuery, prepared: Prepared): number | undefined {
  let total = 0;
  for (const word of words) {
    const named = Math.max(fit(word, prepared.label), fitAlias(word, prepared));
    const score = named === NONE ? fitDescription(word, prepared) : named + IN_LABEL;
    if (score === NONE) return undefined;
    total += score;
  }
  return total;
}

/** Where the query is found in the label, in order and without overlaps; empty if only its surroundings fit. */
export function matchesIn({ words }: FuzzyQuery, prepared: Prepared): readonly Range[] {
  const { label, description } = prepared;
  const places = new Set<number>();
  for (const word of words) {
    if (fit(word, label, true) !== NONE) {
      for (const place of placesOf(word, label)) places.add(place);
    } else if (description && word.folded.includes('/')) {
      const path = pathOf(prepared, description);
      const labelFrom = description.length + 1;
      if (fit(word, path, true) === NONE) continue;
      for (const place of placesOf(word, path)) if (place >= labelFrom) places.add(place - labelFrom);
    }
  }
  const ranges: [number, number][] = [];
  for (const place of [...places].toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === place) last[1] = place + 1;
    else ranges.push([place, place + 1]);
  }
  return ranges;
}

/** The candidates that fit, best first; equals by the shorter label, then as they came. `bonusOf` lets a caller prefer some. */
export function rank<T>(
  query: FuzzyQuery,
  candidates: readonly T[],
  preparedOf: (candidate: T) => Prepared,
  bonusOf: (candidate: T) => number = () => 0,
): T[] {
  if (query.words.length === 0) return [...candidates];
  const found: { candidate: T; score: number; length: number; index: number }[] = [];
  candidates.forEach((candidate, index) => {
    const prepared = preparedOf(candidate);
    const score = scoreOf(query, prepared);
    if (score === undefined) return;
    found.push({ candidate, score: score + bonusOf(candidate), length: prepared.label.text.length, index });
  });
  found.sort((a, b) => b.score - a.score || a.length - b.length || a.index - b.index);
  return found.map(({ candidate }) => candidate);
}

/** The score of the best way to find `word` in `target`; with `fillsTables`, {@link placesOf} may be asked for it afterwards. */
function fit(word: FoldedText, target: FoldedText, fillsTables = false): number {
  if ((word.mask & target.mask) !== word.mask) return NONE;
  const letters = word.folded;
  const text = target.folded;
  const rows = letters.length;
  const isPrefix = text.startsWith(letters);
  // No way is better than a run from the very beginning, so there is nothing to work out.
  if (isPrefix && !fillsTables) {
    return rows * MATCH + AT_START + (rows - 1) * CONSECUTIVE + (text.length === rows ? WHOLE : PREFIX);
  }
  const first = firstPlace(letters, text);
  if (first === -1) return NONE;
  const columns = text.lastIndexOf(letters[rows - 1]!) + 1;
  setBonuses(target.text, first, columns);
  for (let row = 0; row < rows; row += 1) {
    const letter = letters.charCodeAt(row);
    const here = row * MAX_TEXT;
    const above = here - MAX_TEXT;
    let running = NONE;
    let previousEnd = NONE;
    for (let column = first; column < columns; column += 1) {
      let end = NONE;
      if (text.charCodeAt(column) === letter) {
        const bonus = bonuses[column]!;
        if (row === 0) end = MATCH + bonus - Math.min(column, MAX_LEADING);
        else if (column > first) {
          const afterGap = best[above + column - 1]! + bonus;
          const inRun = ended[above + column - 1]! + Math.max(bonus, CONSECUTIVE);
          end = Math.max(afterGap, inRun);
          if (end > NONE / 2) end += MATCH;
          else end = NONE;
        }
      }
      running = Math.max(end, running - GAP_GOES_ON, previousEnd - GAP_OPENS);
      ended[here + column] = end;
      best[here + column] = running;
      previousEnd = end;
    }
  }
  let score = NONE;
  const last = (rows - 1) * MAX_TEXT;
  for (let column = first; column < columns; column += 1) score = Math.max(score, ended[last + column]!);
  if (score <= NONE / 2) return NONE;
  if (isPrefix) score += text.length === rows ? WHOLE : PREFIX;
  return score;
}

/** The first place of the word's first letter if its letters occur in order, else -1. */
function firstPlace(letters: string, text: string): number {
  const first = text.indexOf(letters[0]!);
  let place = first;
  for (let row = 1; row < letters.length && place !== -1; row += 1) place = text.indexOf(letters[row]!, place + 1);
  return place === -1 ? -1 : first;
}

/** Walks the tables of the last {@link fit} back. */
function placesOf(word: FoldedText, target: FoldedText): number[] {
  const rows = word.folded.length;
  const first = target.folded.indexOf(word.folded[0]!);
  const columns = target.folded.lastIndexOf(word.folded[rows - 1]!) + 1;
  const places: number[] = [];
  let column = -1;
  for (let candidate = first; candidate < columns; candidate += 1) {
    const cell = (rows - 1) * MAX_TEXT;
    if (column === -1 || ended[cell + candidate]! > ended[cell + column]!) column = candidate;
  }
  for (let row = rows - 1; row >= 0; row -= 1) {
    places.push(column);
    if (row === 0) break;
    const above = (row - 1) * MAX_TEXT;
    const inRun = ended[above + column - 1]! + Math.max(bonuses[column]!, CONSECUTIVE);
    const afterGap = best[above + column - 1]! + bonuses[column]!;
    column -= 1;
    if (inRun >= afterGap) continue;
    // The gap's value only sinks on its way; its origin is where a match ended with exactly this much left.
    while (column > first && best[above + column] !== ended[above + column]) column -= 1;
  }
  return places.reverse();
}

const LOWER = 1;
const UPPER = 2;
const DIGIT = 3;

/** The kind of a letter; 0 separates words. Letters beyond ASCII count as small ones. */
function kindOf(unit: number): number {
  if (unit >= 97 && unit <= 122) return LOWER;
  if (unit >= 65 && unit <= 90) return UPPER;
  if (unit >= 48 && unit <= 57) return DIGIT;
  return unit > 127 ? LOWER : 0;
}

function setBonuses(text: string, from: number, to: number): void {
  let before = from === 0 ? -1 : kindOf(text.charCodeAt(from - 1));
  for (let place = from; place < to; place += 1) {
    const kind = kindOf(text.charCodeAt(place));
    if (before === -1) bonuses[place] = AT_START;
    else if (before === 0 && kind !== 0) bonuses[place] = AFTER_SEPARATOR;
    else if ((kind === UPPER && before === LOWER) || (kind === DIGIT && before !== DIGIT)) bonuses[place] = CAMEL_HUMP;
    else bonuses[place] = 0;
    before = kind;
  }
}

/** Small letters without accents, of the same length, so that places stay places. */
function fold(original: string): FoldedText {
  const text = original.length > MAX_TEXT ? original.slice(0, MAX_TEXT) : original;
  const lower = text.toLowerCase();
  let mask = 0;
  for (let place = 0; place < lower.length; place += 1) {
    const unit = lower.charCodeAt(place);
    if (unit > 127) return foldUnits(text);
    mask |= bitOf(unit);
  }
  return { text, folded: lower, mask };
}

function foldUnits(text: string): FoldedText {
  let folded = '';
  let mask = 0;
  for (let place = 0; place < text.length; place += 1) {
    const unit = foldedUnit(text[place]!);
    folded += unit;
    mask |= bitOf(unit.charCodeAt(0));
  }
  return { text, folded, mask };
}

function bitOf(unit: number): number {
  if (unit >= 97 && unit <= 122) return 1 << (unit - 97);
  return unit >= 48 && unit <= 57 ? 1 << 26 : 1 << (27 + (unit % 5));
}

const foldedUnits = new Map<string, string>();

function foldedUnit(unit: string): string {
  let result = foldedUnits.get(unit);
  if (result === undefined) {
    const base = unit.normalize('NFD')[0] ?? unit;
    const lower = base.toLowerCase();
    result = lower.length === 1 ? lower : base;
    foldedUnits.set(unit, result);
  }
  return result;
}
