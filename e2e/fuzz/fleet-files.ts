/** Fleet files, as `harp apply` reads them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseFleetFile } from '../../console/src/cli/fleet-file/parse.ts';
import { type Server, temporaryFolder } from '../harness/fleet.ts';
import { damaged, hostileText, nearly, utf8Of } from './bytes.ts';
import { readingEntrance } from './reading-entrance.ts';

/** Fleet files: each is read, or every complaint names a place in it. */
export function fleetFileEntrance(server: Server) {
  const file = join(temporaryFolder('fleet-file'), 'fleet.yaml');
  return readingEntrance({
    inputs: fleetFiles(),
    read: fleetOutcome,
    command(text) {
      writeFileSync(file, text);
      return server.harp('apply', '-f', file);
    },
  });
}

const fleetFile = `
nextclouds:
  - name: main
    url: https://cloud.example.com/
    user: harp
    password: { env: FUZZ_PASSWORD }
offices:
  - &north
    name: north
    subnets: [10.1.0.0/16, "fd00:1::/64"]
    region: Europe
    timeZone: Europe/Paris
  - name: south
folders:
  - nextcloud: main
    path: /Company/Projects/
    offices: [north, south]
`;

/** Files of which each line is a little thing and the whole is not. */
const strangeFiles: readonly string[] = [
  '',
  '---\n---\n',
  'a: &a [*a]',
  `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\noffices: [*e,*e,*e,*e,*e,*e,*e,*e,*e]`,
  '['.repeat(2_000),
  '{'.repeat(2_000),
  '- '.repeat(2_000),
  'a:\n'.repeat(2_000),
  '? '.repeat(500),
  '!!js/function "x"',
  '!!binary "////"',
  'offices: !!set {north}',
  '%YAML 9.9\n---\noffices: []',
  '<<: *x',
  'offices: 0x7fffffffffffffff',
  '__proto__: { offices: [] }',
  'offices: [{__proto__: {name: x}, name: y}]',
  '\ufeffoffices: []',
  'offices: []\u2028folders: []',
];

function fleetFiles(): fc.Arbitrary<string> {
  const lines = fleetFile.split('\n');
  const office = fc.record(
    {
      name: nearly(fc.string()),
      subnets: nearly(
        fc.array(
          nearly(
            fc.oneof(
              fc.ipV4().map((ip) => `${ip}/16`),
              fc.ipV6().map((ip) => `${ip}/64`),
            ),
          ),
        ),
      ),
      region: nearly(fc.string()),
      timeZone: nearly(fc.constant('Europe/Paris')),
    },
    { requiredKeys: ['name'] },
  );
  const folder = fc.record(
    {
      name: nearly(fc.string()),
      nextcloud: nearly(fc.constant('main')),
      path: nearly(fc.string().map((text) => `/${text}`)),
      offices: nearly(fc.array(fc.string())),
    },
    { requiredKeys: ['path'] },
  );
  const nextcloud = fc.record(
    {
      name: nearly(fc.constant('main')),
      url: nearly(fc.webUrl()),
      user: nearly(fc.string()),
      password: nearly(fc.constantFrom({ env: 'FUZZ_PASSWORD' }, { env: 'UNSET' }, { file: './none' })),
      caFile: nearly(fc.constant('./none')),
    },
    { requiredKeys: ['name', 'url'] },
  );
  const document = fc.record(
    {
      nextclouds: nearly(fc.array(nearly(nextcloud), { maxLength: 3 })),
      offices: nearly(fc.array(nearly(office), { maxLength: 4 })),
      folders: nearly(fc.array(nearly(folder), { maxLength: 4 })),
    },
    { requiredKeys: [] },
  );
  const shuffled = fc.shuffledSubarray(lines, { minLength: 3 }).map((some) => some.join('\n'));
  return fc.oneof(
    {
      weight: 6,
      arbitrary: damaged(fc.constant(utf8Of(fleetFile)), 6).map((bytes) => Buffer.from(bytes).toString('utf8')),
    },
    { weight: 6, arbitrary: nearly(document).map((value) => JSON.stringify(value) ?? '') },
    { weight: 3, arbitrary: shuffled },
    { weight: 1, arbitrary: fc.constantFrom(fleetFile, ...strangeFiles) },
    {
      weight: 1,
      arbitrary: fc.string({ unit: fc.constantFrom(...'-?:,[]{}#&*!|>\'"%@` \n\tab0~<=.'), maxLength: 200 }),
    },
    { weight: 1, arbitrary: hostileText },
  );
}

function fleetOutcome(text: string): string {
  try {
    const outcome = parseFleetFile(text, {
      env: (name) => (name === 'FUZZ_PASSWORD' ? 'secret' : undefined),
      readText: () => {
        throw Object.assign(new Error('no'), { code: 'ENOENT' });
      },
    });
    if (outcome.ok) return 'read';
    const isNamed =
      outcome.problems.length > 0 &&
      outcome.problems.every(({ line, column, message }) => line >= 1 && column >= 1 && message !== '');
    return isNamed ? 'refused' : 'refused without a place or a reason';
  } catch (error) {
    return `threw ${error instanceof Error ? error.stack : String(error)}`;
  }
}
