import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FuzzyTexts, matchesIn, parseQuery, prepare, rank, scoreOf } from './fuzzy.ts';

const highlight = (query: string, texts: FuzzyTexts) => {
  const ranges = matchesIn(parseQuery(query), prepare(texts));
  return [...texts.label]
    .map((letter, place) =>
      ranges.some(([from, to]) => place >= from && place < to) ? letter.toUpperCase() : letter.toLowerCase(),
    )
    .join('');
};
const order = (query: string, labels: readonly string[]) =>
  rank(parseQuery(query), labels, (label) => prepare({ label }));

describe('what is found', () => {
  test.each([
    { query: 'lyon', label: 'Lyon', found: true },
    { query: 'lyn', label: 'Lyon', found: true },
    { query: 'nyl', label: 'Lyon', found: false },
    { query: 'show fleet', label: 'View: Show Fleet', found: true },
    { query: 'fleet show', label: 'View: Show Fleet', found: true },
    { query: 'show fleeet', label: 'View: Show Fleet', found: false },
    { query: 'buro', label: 'Büro Süd', found: true },
    { query: 'BÜRO', label: 'buro', found: true },
    { query: '10.4.0.17', label: 'pc-17 (10.4.0.17)', found: true },
    { query: '', label: 'anything', found: true },
    { query: 'x', label: '', found: false },
  ])('“$query” in “$label”: $found', ({ query, label, found }) => {
    expect(scoreOf(parseQuery(query), prepare({ label })) !== undefined).toBe(found);
  });

  test('a path before the name, and an English name beside the German one', () => {
    const file = prepare({ label: 'plan.pdf', description: 'Projects/2026' });
    for (const query of ['proj/plan', '2026 plan', 'projects']) expect(scoreOf(parseQuery(query), file)).toBeDefined();
    const command = prepare({ label: 'Ansicht: Flotte anzeigen', alias: 'View: Show Fleet' });
    expect(scoreOf(parseQuery('show fleet'), command)).toBeDefined();
  });

  test('an English word comes before its letters scattered over German ones; of two whole words the one that is seen does', () => {
    const open = prepare({ label: 'Flotte: PC öffnen…', alias: 'Fleet: Open PC…' });
    const scattered = prepare({
      label: 'Aufträge: Kette eines Ordners prüfen…',
      alias: 'Jobs: Verify Chain of a Folder…',
    });
    expect(rank(parseQuery('open'), [scattered, open], (each) => each)[0]).toBe(open);
    const seen = prepare({ label: 'Live', alias: 'Present' });
    expect(rank(parseQuery('live'), [prepare({ label: 'Aktuell', alias: 'Live' }), seen], (each) => each)[0]).toBe(
      seen,
    );
  });
});

describe('what comes first', () => {
  test.each([
    { query: 'fleet', labels: ['fast lead eet', 'Show Fleet'], first: 'Show Fleet' },
    { query: 'sf', labels: ['transfer', 'Show Fleet'], first: 'Show Fleet' },
    { query: 'sf', labels: ['misfit', 'showFleet'], first: 'showFleet' },
    { query: 'lyon', labels: ['PC-LYON-07', 'Lyon Nord', 'Lyon'], first: 'Lyon' },
    { query: 'pc07', labels: ['pc-0-7', 'pc-07', 'apache 07'], first: 'pc-07' },
    { query: 'north', labels: ['office north', 'northern lights', 'n-o-r-t-h'], first: 'northern lights' },
    { query: 'set', labels: ['reset layout', 'Open Settings'], first: 'Open Settings' },
  ])('“$query” of $labels', ({ query, labels, first }) => {
    expect(order(query, labels)[0]).toBe(first);
  });

  test('a name beats a path', () => {
    const items = [
      { label: 'readme', description: 'plans/old' },
      { label: 'old plans', description: 'x' },
    ];
    expect(rank(parseQuery('plans'), items, prepare)[0]?.label).toBe('old plans');
  });

  test('equals stay in the order they came, the shorter label first', () => {
    expect(order('a', ['ab', 'ac', 'a'])).toEqual(['a', 'ab', 'ac']);
    expect(order('', ['b', 'a'])).toEqual(['b', 'a']);
  });
});

describe('what is highlighted', () => {
  test.each([
    { query: 'sf', texts: { label: 'show fleet' }, expected: 'Show Fleet' },
    { query: 'fleet', texts: { label: 'f show fleet' }, expected: 'f show FLEET' },
    { query: 'fleet show', texts: { label: 'show fleet' }, expected: 'SHOW FLEET' },
    { query: 'proj/plan', texts: { label: 'plan.pdf', description: 'projects' }, expected: 'PLAN.pdf' },
    { query: 'projects', texts: { label: 'plan.pdf', description: 'projects' }, expected: 'plan.pdf' },
    { query: 'buro', texts: { label: 'büro süd' }, expected: 'BÜRO süd' },
  ])('“$query”', ({ query, texts, expected }) => {
    expect(highlight(query, texts)).toBe(expected);
  });
});

describe('always', () => {
  const text = fc.string({ unit: fc.constantFrom(...'aAbBcC019 -_/.öß'), maxLength: 40 });
  const isSubsequence = (letters: string, of: string) => {
    let place = -1;
    return [...letters].every((letter) => {
      place = of.indexOf(letter, place + 1);
      return place !== -1;
    });
  };

  test('one word is found in a label exactly if its letters occur in order', () => {
    const plain = fc.string({ unit: fc.constantFrom(...'abc/-'), maxLength: 20 });
    const word = fc.string({ unit: fc.constantFrom(...'abc/-'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(word, plain, (query, label) => {
        expect(scoreOf(parseQuery(query), prepare({ label })) !== undefined).toBe(isSubsequence(query, label));
      }),
    );
  });

  test('what is highlighted of one word is that word', () => {
    const word = fc.string({ unit: fc.constantFrom(...'abc'), minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(word, fc.string({ unit: fc.constantFrom(...'abcABC-/'), maxLength: 30 }), (query, label) => {
        const prepared = prepare({ label });
        if (scoreOf(parseQuery(query), prepared) === undefined) return;
        const marked = matchesIn(parseQuery(query), prepared).map(([from, to]) => label.slice(from, to));
        expect(marked.join('').toLowerCase()).toBe(query);
      }),
    );
  });

  test('a label that begins with the word beats one that has it later', () => {
    const word = fc.string({ unit: fc.constantFrom(...'ab1'), minLength: 1, maxLength: 5 });
    const rest = fc.string({ unit: fc.constantFrom(...'abAB1-/'), maxLength: 12 });
    fc.assert(
      fc.property(word, rest, (start, end) => {
        const other = prepare({ label: `${start}${end}` });
        const elsewhere = prepare({ label: `-${start}${end}` });
        const query = parseQuery(start);
        expect(scoreOf(query, other)!).toBeGreaterThan(scoreOf(query, elsewhere)!);
      }),
    );
  });

  test('any text is taken, and ranges lie in the label, in order, apart', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.oneof(text, fc.string()),
        fc.option(text, { nil: undefined }),
        (query, label, description) => {
          const prepared = prepare({ label, description });
          scoreOf(parseQuery(query), prepared);
          let end = -1;
          for (const [from, to] of matchesIn(parseQuery(query), prepared)) {
            expect(from).toBeGreaterThan(end);
            expect(to).toBeGreaterThan(from);
            end = to;
          }
          expect(end).toBeLessThanOrEqual(label.length);
        },
      ),
    );
  });

  test('a hostile name of 5 000 letters costs nothing', () => {
    const label = 'a'.repeat(5_000);
    expect(scoreOf(parseQuery('a'.repeat(5_000)), prepare({ label }))).toBeDefined();
  });
});

test('20 000 objects are searched at once', () => {
  const words = ['north', 'lyon', 'Büro', 'pc', 'Marketing', 'finance', 'Plans', 'archive', 'studio', 'LAB'];
  const items = Array.from({ length: 20_000 }, (_, index) => ({
    label: `${words[index % 10]}-${words[(index * 7) % 9]}-${String(index).padStart(5, '0')}`,
    description: `Region ${index % 7}/${words[(index * 3) % 10]}/10.${index % 200}.${index % 251}.${index % 13}`,
  }));
  const elapsed = (work: () => void) => {
    const from = performance.now();
    work();
    return performance.now() - from;
  };
  const prepared = new Map(items.map((item) => [item, prepare(item)]));
  for (const query of ['n', 'lyon', 'pc 0123', 'marketing archive 19', 'zzz', 'region/lab']) {
    const runs = Array.from({ length: 5 }, () =>
      elapsed(() => rank(parseQuery(query), items, (item) => prepared.get(item)!)),
    );
    // The budget of 100 ms is measured by bench:console; this bound, for machines that do other things as well, finds what grew fivefold.
    expect(Math.min(...runs), `“${query}”`).toBeLessThanOrEqual(500);
  }
});
