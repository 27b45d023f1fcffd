import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldName, foldsNames, isOwnName, keptName, mapPath, type NamePlatform, ownName, rootName } from './names.ts';

const none = () => [];
const platforms = ['linux', 'win32', 'darwin'] as const;
const stored = (path: string, platform: NamePlatform, siblings: Parameters<typeof mapPath>[3] = none) => {
  const mapped = mapPath(path, platform, 40, siblings);
  return 'stored' in mapped ? mapped.stored : undefined;
};
const same = /^same$/;

describe.each([
  // path, then what it is stored as on Linux, Windows, macOS; `same` = as it is
  { path: 'Reports/2026 März.xlsx', linux: same, win32: same, darwin: same },
  { path: 'a:b', linux: same, win32: /^a_b~[0-9a-f]{12}$/, darwin: same },
  { path: 'what?*<>|".txt', linux: same, win32: /^what______~[0-9a-f]{12}\.txt$/, darwin: same },
  { path: 'CON', linux: same, win32: /^_CON~[0-9a-f]{12}$/, darwin: same },
  { path: 'con.tar.gz', linux: same, win32: /^_con\.tar~[0-9a-f]{12}\.gz$/, darwin: same },
  { path: 'nul .txt', linux: same, win32: /^_nul ~[0-9a-f]{12}\.txt$/, darwin: same },
  { path: 'COM¹', linux: same, win32: /^_COM¹~[0-9a-f]{12}$/, darwin: same },
  { path: 'lpt9/readme', linux: same, win32: /^_lpt9~[0-9a-f]{12}\/readme$/, darwin: same },
  { path: 'CONIN$', linux: same, win32: /^_CONIN\$~[0-9a-f]{12}$/, darwin: same },
  { path: 'console', linux: same, win32: same, darwin: same },
  { path: 'trailing.', linux: same, win32: /^trailing_~[0-9a-f]{12}$/, darwin: same },
  { path: 'trailing ', linux: same, win32: /^trailing_~[0-9a-f]{12}$/, darwin: same },
  { path: '...', linux: same, win32: /^\.\._~[0-9a-f]{12}$|^\.~[0-9a-f]{12}\._$/, darwin: same },
  { path: ' leading', linux: same, win32: same, darwin: same },
  { path: '.harp-0123456789abcdef.partial', linux: /~/, win32: /~/, darwin: /~/ },
  { path: '.HARP-0123456789ABCDEF.partial', linux: /~/, win32: /~/, darwin: /~/ },
  { path: 'x~0123456789ab.txt', linux: /^x~0123456789ab~[0-9a-f]{12}\.txt$/, win32: /~.*~/, darwin: /~.*~/ },
  { path: 'x'.repeat(255), linux: same, win32: same, darwin: same },
  { path: `${'x'.repeat(300)}.pdf`, linux: /^x{238}~[0-9a-f]{12}\.pdf$/, win32: /^x{238}~.{16}$/, darwin: /~.{16}$/ },
  { path: 'ä'.repeat(200), linux: /^ä+~[0-9a-f]{12}$/, win32: same, darwin: same },
  { path: '👍'.repeat(64), linux: /^(👍)+~[0-9a-f]{12}$/u, win32: same, darwin: same },
])('$path', ({ path, ...expected }) => {
  test.each(platforms)('on %s', (platform) => {
    const name = stored(path, platform);
    expect(name).toBeDefined();
    if (expected[platform] === same) expect(name).toBe(path);
    else expect(name).toMatch(expected[platform]);
  });
});

test.each([
  '../up',
  'a/../b',
  '/absolute',
  'a//b',
  './a',
  'a/',
  'C:\\windows',
  'a\u0000b',
  'a\nb',
  'a\ud800',
  'Mu\u0308ll',
  '',
])('%j is refused everywhere', (path) => {
  for (const platform of platforms) expect(mapPath(path, platform, 40, none)).toHaveProperty('refused');
});

test.each([
  { platform: 'linux', names: 20, length: 200, refused: true },
  { platform: 'linux', names: 19, length: 200, refused: false },
  { platform: 'darwin', names: 5, length: 200, refused: true },
  { platform: 'darwin', names: 4, length: 200, refused: false },
  { platform: 'win32', names: 20, length: 200, refused: false },
] as const)('$names names of $length on $platform: refused is $refused', ({ platform, names, length, refused }) => {
  const path = Array.from({ length: names }, () => 'n'.repeat(length)).join('/');
  expect('refused' in mapPath(path, platform, 80, none)).toBe(refused);
});

/** All paths of a folder at once, as the chain would have them. */
function mapAll(paths: readonly string[], platform: NamePlatform): Map<string, string> {
  const names = new Map<string, Set<string>>();
  for (const path of paths) {
    const parts = path.split('/');
    parts.forEach((name, index) => {
      const key = `${parts.slice(0, index).join('/')}\n${foldName(name)}`;
      names.set(key, (names.get(key) ?? new Set()).add(name));
    });
  }
  const siblings = (parent: string, fold: string) => names.get(`${parent}\n${fold}`) ?? [];
  return new Map(paths.map((path) => [path, stored(path, platform, siblings) ?? `refused ${path}`]));
}

test.each([
  { paths: ['readme', 'README', 'ReadMe'], keeps: 'README' },
  { paths: ['dir/x', 'Dir/y'], keeps: 'Dir/y' },
  { paths: ['ÄRGER', 'ärger'], keeps: 'ÄRGER' },
  { paths: ['straße', 'STRASSE'], keeps: 'STRASSE' },
])('of $paths, which differ in case only, $keeps keeps its name', ({ paths, keeps }) => {
  for (const platform of ['win32', 'darwin'] as const) {
    for (const order of [paths, [...paths].reverse()]) {
      const mapped = mapAll(order, platform);
      expect([...mapped].filter(([path, name]) => path === name).map(([path]) => path)).toEqual([keeps]);
    }
  }
  expect([...mapAll(paths, 'linux')].every(([path, name]) => path === name)).toBe(true);
});

/** Names that get in each other's way as often as possible. */
const awkwardName = fc.oneof(
  fc.constantFrom(
    'a',
    'A',
    'a.txt',
    'A.TXT',
    'con',
    'CON',
    '_con',
    'a:',
    'a_',
    'a?',
    'a.',
    'a ',
    'ß',
    'SS',
    'ss',
    'ſ',
    's',
  ),
  fc.constantFrom(
    'a~0123456789ab',
    'A~0123456789AB',
    '.harp-0123456789abcdef.partial',
    'x'.repeat(256),
    'X'.repeat(256),
  ),
  fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom('a', 'A', 'ä', 'Ä', '.', ' ', ':', '~', '1') }),
);
const awkwardPaths = fc.uniqueArray(
  fc.array(awkwardName, { minLength: 1, maxLength: 3 }).map((names) => names.join('/')),
  { maxLength: 30 },
);

test.each(platforms)('no two paths share a stored name on %s, whatever the order', (platform) => {
  fc.assert(
    fc.property(awkwardPaths, (paths) => {
      const mapped = mapAll(paths, platform);
      const seen = new Map<string, string>();
      for (const [path, name] of mapped) {
        const key = foldsNames(platform) ? name.split('/').map(foldName).join('/') : name;
        expect(seen.get(key), `${path} and ${seen.get(key)} as ${name}`).toBeUndefined();
        seen.set(key, path);
      }
      expect(mapAll([...paths].reverse(), platform)).toEqual(mapped);
    }),
  );
});

test.each(platforms)('a mapped path can be stored on %s as it is', (platform) => {
  fc.assert(
    fc.property(awkwardPaths, (paths) => {
      for (const name of mapAll(paths, platform).values()) {
        if (name.startsWith('refused ')) continue;
        for (const part of name.split('/')) {
          expect(platform === 'linux' ? Buffer.byteLength(part) : part.length).toBeLessThanOrEqual(255);
          expect(isOwnName(part)).toBe(false);
          if (platform === 'win32') expect(part).not.toMatch(/[<>:"|?*]|[. ]$|^(con|nul)(\.|$)/i);
        }
      }
    }),
  );
});

test('hidden names are stable, and recognised', () => {
  expect(ownName('seed')).toBe(ownName('seed'));
  expect(ownName('seed')).not.toBe(ownName('other'));
  expect(isOwnName(ownName('seed'))).toBe(true);
  expect(isOwnName('.harp-notes.partial')).toBe(false);
});

test.each([
  ['plan.xlsx', 'PC 17/é', 'plan (kept PC_17__ 2026-11-22 1).xlsx'],
  ['.profile', 'pc', '.profile (kept pc 2026-11-22 1)'],
  ['no extension', '', 'no extension (kept here 2026-11-22 1)'],
])('%s of %s is kept as %s', (name, hostname, kept) => {
  expect(keptName(name, { hostname, day: '2026-11-22', attempt: 1 }, 'linux')).toBe(kept);
});

test('a kept name is never too long', () => {
  const kept = keptName(`${'ü'.repeat(127)}.x`, { hostname: 'h'.repeat(60), day: '2026-11-22', attempt: 1 }, 'linux');
  expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(255);
});

test.each([
  { name: 'Sales', linux: /^Sales$/, win32: /^Sales$/ },
  { name: 'Sales/2026', linux: /^Sales_2026~/, win32: /^Sales_2026~/ },
  { name: '..', linux: /^_~/, win32: /^_~/ },
  { name: 'A\\B', linux: /^A_B~/, win32: /^A_B~/ },
  { name: 'Aux', linux: /^Aux$/, win32: /^_Aux~/ },
])('a folder called $name has a root of one name', ({ name, linux, win32 }) => {
  expect(rootName(name, 'linux')).toMatch(linux);
  expect(rootName(name, 'win32')).toMatch(win32);
});
