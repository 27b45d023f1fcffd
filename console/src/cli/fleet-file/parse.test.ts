import { describe, expect, test } from 'vitest';
import { describeProblem, type FleetFileContext, parseFleetFile } from './parse.ts';

const files: Record<string, string> = {
  './secret.txt': 'from a file\n',
  './empty.txt': '\n',
  './ca.pem': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
  './not-a-ca.pem': 'hello',
};
const context: FleetFileContext = {
  env: (name) => ({ NEXTCLOUD_PASSWORD: 'from the environment' })[name],
  readText: (path) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('no'), { code: 'ENOENT' });
    return text;
  },
};

const complaints = (text: string): string[] => {
  const outcome = parseFleetFile(text, context);
  return outcome.ok ? [] : outcome.problems.map((problem) => describeProblem('fleet.yaml', problem));
};

const good = `
nextclouds:
  - name: main
    url: https://cloud.example.com/
    user: harp
    password: { env: NEXTCLOUD_PASSWORD }
    caFile: ./ca.pem
  - name: second
    url: http://10.0.0.5:8080/nextcloud
    user: harp
    password: { file: ./secret.txt }
offices:
  - name: north
    subnets: [10.1.0.0/16, "fd00:1::/64"]
  - name: south
folders:
  - nextcloud: main
    path: /Company/Projects/
    offices: [north, south]
  - name: Pläne
    nextcloud: second
    path: /Plans
`;

test('a whole file becomes a document with its secrets resolved and names filled in', () => {
  expect(parseFleetFile(good, context)).toEqual({
    ok: true,
    locate: expect.any(Function),
    document: {
      nextclouds: [
        {
          name: 'main',
          url: 'https://cloud.example.com/',
          user: 'harp',
          password: 'from the environment',
          caPem: files['./ca.pem'],
        },
        { name: 'second', url: 'http://10.0.0.5:8080/nextcloud', user: 'harp', password: 'from a file' },
      ],
      offices: [
        { name: 'north', subnets: ['10.1.0.0/16', 'fd00:1::/64'] },
        { name: 'south', subnets: [] },
      ],
      folders: [
        { name: 'Projects', nextcloud: 'main', path: '/Company/Projects/', offices: ['north', 'south'] },
        { name: 'Pläne', nextcloud: 'second', path: '/Plans', offices: [] },
      ],
    },
  });
});

test('what the server says of a field leads back to its line', () => {
  const outcome = parseFleetFile(good, context);
  expect(outcome.ok && outcome.locate('folders[0].offices[1]')).toEqual({ line: 19, column: 22 });
  expect(outcome.ok && outcome.locate('folders[0].name')).toEqual({ line: 17, column: 5 });
});

test('lists may be absent or empty', () => {
  expect(parseFleetFile('offices:\nfolders: []\n', context)).toMatchObject({
    ok: true,
    document: { nextclouds: [], offices: [], folders: [] },
  });
});

const nextcloud = (lines: string) =>
  `nextclouds:\n  - name: main\n    url: https://c.example\n    user: harp\n${lines}`;
const withPassword = nextcloud('    password: { env: NEXTCLOUD_PASSWORD }\n');

describe('what is wrong is said with file, line, column and field', () => {
  test.each<{ name: string; text: string; says: string[] }>([
    {
      name: 'a reference to an office that does not exist, with the nearest name',
      text: `${withPassword}offices:\n  - name: north\n  - name: south\nfolders:\n  - nextcloud: main\n    path: /P\n    offices: [north, sotuh]\n`,
      says: ['fleet.yaml:12:22 folders[0].offices[1]: no office is called "sotuh"; did you mean "south"?'],
    },
    {
      name: 'a reference to a Nextcloud that does not exist, with no name near',
      text: `${withPassword}folders:\n  - nextcloud: elsewhere\n    path: /P\n`,
      says: ['fleet.yaml:7:16 folders[0].nextcloud: no Nextcloud connection is called "elsewhere"'],
    },
    {
      name: 'an unknown key at the top',
      text: 'ofices: []\n',
      says: ['fleet.yaml:1:1 ofices: unknown key "ofices"; did you mean "offices"?'],
    },
    {
      name: 'an unknown key in an item, with the keys that are known',
      text: 'offices:\n  - name: north\n    colour: red\n',
      says: ['fleet.yaml:3:5 offices[0].colour: unknown key "colour"; known here: name, subnets'],
    },
    {
      name: 'a password in clear',
      text: nextcloud('    password: hunter2\n'),
      says: [
        'fleet.yaml:5:15 nextclouds[0].password: a password must not stand in the file: write password: { env: VARIABLE } or password: { file: PATH }',
      ],
    },
    {
      name: 'a password that is missing',
      text: nextcloud(''),
      says: [
        'fleet.yaml:2:5 nextclouds[0].password: is missing: write password: { env: VARIABLE } or password: { file: PATH }',
      ],
    },
    {
      name: 'an environment variable that is not set',
      text: nextcloud('    password: { env: NOT_SET }\n'),
      says: ['fleet.yaml:5:22 nextclouds[0].password.env: the environment variable NOT_SET is not set or empty'],
    },
    {
      name: 'a secret file that is not there',
      text: nextcloud('    password: { file: ./gone.txt }\n'),
      says: ['fleet.yaml:5:23 nextclouds[0].password.file: cannot read the file ./gone.txt: there is no such file'],
    },
    {
      name: 'a secret file that is empty',
      text: nextcloud('    password: { file: ./empty.txt }\n'),
      says: ['fleet.yaml:5:23 nextclouds[0].password.file: the file ./empty.txt is empty'],
    },
    {
      name: 'a CA file without a certificate',
      text: nextcloud('    password: { env: NEXTCLOUD_PASSWORD }\n    caFile: ./not-a-ca.pem\n'),
      says: ['fleet.yaml:6:13 nextclouds[0].caFile: the file ./not-a-ca.pem holds no certificate in PEM form'],
    },
    {
      name: 'an address that is none',
      text: nextcloud('    password: { env: NEXTCLOUD_PASSWORD }\n').replace('https://c.example', 'cloud.example.com'),
      says: ['fleet.yaml:3:10 nextclouds[0].url: must be an http or https address such as https://cloud.example.com'],
    },
    {
      name: 'a subnet that is none',
      text: 'offices:\n  - name: north\n    subnets:\n      - 10.1.0.0/16\n      - 10.1.0.0/33\n',
      says: ['fleet.yaml:5:9 offices[0].subnets[1]: must be a subnet such as 10.1.0.0/16 or fd00:1::/64'],
    },
    {
      name: 'a number where text belongs',
      text: 'offices:\n  - name: 42\n',
      says: ['fleet.yaml:2:11 offices[0].name: must be text: put it in quotes'],
    },
    {
      name: 'a list where a map belongs',
      text: 'offices:\n  - [north]\n',
      says: ['fleet.yaml:2:5 offices[0]: must be a map of keys'],
    },
    {
      name: 'a missing name',
      text: 'offices:\n  - subnets: []\n',
      says: ['fleet.yaml:2:5 offices[0].name: is missing'],
    },
    {
      name: 'a name given twice',
      text: 'offices:\n  - name: north\n  - name: north\n',
      says: ['fleet.yaml:3:11 offices[1].name: "north" is the name of offices[0] already'],
    },
    {
      name: 'names that differ in case alone, which some PCs cannot tell apart',
      text: 'offices:\n  - name: north\n  - name: North\n',
      says: ['fleet.yaml:3:11 offices[1].name: "North" differs from offices[0] "north" in upper and lower case only'],
    },
    {
      name: 'the same path twice, whatever its spelling',
      text: `${withPassword}folders:\n  - { name: a, nextcloud: main, path: /P }\n  - { name: b, nextcloud: main, path: /P/ }\n`,
      says: ['fleet.yaml:8:39 folders[1].path: folders[0] distributes this path already'],
    },
    {
      name: 'a path that leaves its place',
      text: `${withPassword}folders:\n  - { nextcloud: main, path: /a/../b }\n`,
      says: ['fleet.yaml:7:30 folders[0].path: must not hold empty, "." or ".." names'],
    },
    {
      name: 'the root without a name',
      text: `${withPassword}folders:\n  - { nextcloud: main, path: / }\n`,
      says: ['fleet.yaml:7:5 folders[0].name: is missing: the path / has no last name to take'],
    },
    {
      name: 'an office listed twice',
      text: `${withPassword}offices:\n  - name: north\nfolders:\n  - { nextcloud: main, path: /P, offices: [north, north] }\n`,
      says: ['fleet.yaml:9:51 folders[0].offices[1]: "north" stands at offices[0] already'],
    },
    {
      name: 'several things at once, in the order of the file',
      text: 'ofices: []\noffices:\n  - name: 7\nfolders:\n  - { nextcloud: main, path: P }\n',
      says: [
        'fleet.yaml:1:1 ofices: unknown key "ofices"; did you mean "offices"?',
        'fleet.yaml:3:11 offices[0].name: must be text: put it in quotes',
        'fleet.yaml:5:18 folders[0].nextcloud: no Nextcloud connection is called "main"',
        'fleet.yaml:5:30 folders[0].path: must start with a slash, such as /Projects',
      ],
    },
    { name: 'an empty file', text: '\n', says: ['fleet.yaml:1:1: the file is empty'] },
    {
      name: 'text that is no YAML',
      text: 'offices: [north\n',
      says: ['fleet.yaml:2:1: Flow sequence in block collection must be sufficiently indented and end with a ]'],
    },
    {
      name: 'a key given twice',
      text: 'offices: []\noffices: []\n',
      says: ['fleet.yaml:2:1: Map keys must be unique'],
    },
  ])('$name', ({ text, says }) => {
    expect(complaints(text)).toEqual(says);
  });
});

test('an alias stands for its anchor, and a complaint names the line of the alias', () => {
  const text = `${withPassword}offices:\n  - &n { name: north }\nfolders:\n  - { nextcloud: main, path: /P, offices: &o [north] }\n  - { nextcloud: main, path: /Q, offices: *o }\n`;
  expect(parseFleetFile(text, context)).toMatchObject({ ok: true });
  expect(complaints(text.replace('*o', '*gone'))).toHaveLength(1);
});

test('aliases that multiply are refused before they fill the memory', () => {
  const levels = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level < 12; level++) {
    levels.push(
      `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]`,
    );
  }
  expect(complaints(levels.join('\n'))[0]).toMatch(/more than 200000 values/);
});

test('an alias that holds itself is refused', () => {
  expect(complaints('offices: &a [*a]\n')[0]).toMatch(/nested|alias/i);
});

test('at most fifty problems are reported', () => {
  const text = `offices:\n${'  - name: 1\n'.repeat(80)}`;
  expect(complaints(text)).toHaveLength(50);
});
