/** Import rules as a test: who may import what, and why. A rule that nobody checks is a wish. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Every TypeScript file that git tracks or would track. */
const sourceFiles = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && !file.endsWith('.d.ts'));

const importPattern =
  /(?:^|\s)(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|(?:^|\s)import\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

/** What `file` imports: package names as they stand, relative paths resolved from the root (`broker/src/acl/rules.ts`). */
function importsOf(file: string): string[] {
  const text = readFileSync(`${root}${file}`, 'utf8');
  return [...text.matchAll(importPattern)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    return specifier.startsWith('.') ? new URL(specifier, `file:///${file}`).pathname.slice(1) : specifier;
  });
}

interface Rule {
  files: RegExp;
  mustNotImport: RegExp;
  because: string;
}

const production = (rule: Rule): Rule => ({
  ...rule,
  files: new RegExp(`^(?!.*\\.test\\.tsx?$)${rule.files.source.replace(/^\^/, '')}`),
});

const rules: Rule[] = [
  {
    files: /^broker\/src\/protocol\/(?!node\/)/,
    mustNotImport: /^(?!zod$|@noble\/(?:hashes|curves)\/|broker\/src\/protocol\/(?!node\/))/,
    because: 'the contract runs in browsers: zod and noble’s pure functions only',
  },
  {
    files: /^broker\/src\/protocol\/node\//,
    mustNotImport: /^(?!node:|broker\/src\/protocol\/)/,
    because: 'Node’s side of the contract adds node: modules and nothing else',
  },
  {
    files: /^agent\/src\//,
    mustNotImport: /^@harp\/prisma|^@prisma|^pg$|^aedes|^next|^react|^(broker|console|prisma|e2e)\//,
    because: 'agents never see the database, the broker’s inside or the console',
  },
  {
    files: /^broker\/src\/(?!protocol\/)/,
    mustNotImport: /^undici$|^next|^react|^(agent|console|prisma|e2e)\//,
    because: 'the broker renders nothing and knows no Nextcloud',
  },
  {
    files: /^broker\/src\/(?!store\/|protocol\/|broker\.ts|registry\/)/,
    mustNotImport: /^@harp\/prisma/,
    because: 'only store/, the membership registry and the composition root know the database',
  },
  {
    files: /^console\/src\/(?!server\/|cli\/)/,
    mustNotImport: /^@harp\/prisma|^node:|^console\/src\/server\/|^mqtt$|^pg$/,
    because: 'browser code never imports the server',
  },
  {
    files: /^console\/src\/workbench\//,
    mustNotImport: /^console\/src\/(contrib|session|app|workshop)\//,
    because: 'the shell knows no feature',
  },
  {
    files: /^console\/src\/(ui|i18n|theme)\//,
    mustNotImport: /^console\/src\/(workbench|contrib|session|app|workshop)\//,
    because: 'what everything is made of knows nothing of what is made of it',
  },
  {
    files: /^console\/src\/(?!contrib\/)/,
    mustNotImport: /^console\/src\/contrib\/(?!index\.ts$)/,
    because: 'the list of contributions is the only way to a feature',
  },
  {
    files: /^prisma\//,
    mustNotImport: /^@harp\/|^(agent|broker|console|e2e)\//,
    because: 'storage holds no business rules',
  },
  {
    files: /^(agent|broker|console|prisma)\//,
    mustNotImport: /^@harp\/e2e|^e2e\//,
    because: 'no production code imports the harness',
  },
  {
    files: /^(?!.*\/(test|testing)\/)(agent|broker|console)\//,
    mustNotImport: /^@harp\/prisma\/test-db$/,
    because: 'the test database is for tests',
  },
  {
    files: /^(agent|broker|console|prisma|e2e)\//,
    mustNotImport: /(^|\/)(utils|helpers|common|misc|manager)(\.tsx?)?$/,
    because: 'a name that says nothing collects everything',
  },
  {
    files: /^(agent|broker|console)\/src\//,
    mustNotImport: /(^|\/)src\/main\.ts$/,
    because: 'composition roots are nobody’s library',
  },
].map(production);

describe('import rules', () => {
  test.each(rules)('$files must not import $mustNotImport: $because', ({ files, mustNotImport }) => {
    const offenders = sourceFiles
      .filter((file) => files.test(file))
      .flatMap((file) =>
        importsOf(file)
          .filter((specifier) => mustNotImport.test(specifier))
          .map((specifier) => `${file} → ${specifier}`),
      );
    expect(offenders).toEqual([]);
  });

  test('one feature of the console never imports another', () => {
    const feature = (path: string) => /^console\/src\/contrib\/([^/]+)\//.exec(path)?.[1];
    const offenders = sourceFiles.flatMap((file) => {
      const own = feature(file);
      return own === undefined
        ? []
        : importsOf(file)
            .filter((path) => feature(path) !== undefined && feature(path) !== own)
            .map((path) => `${file} → ${path}`);
    });
    expect(offenders).toEqual([]);
  });

  test('a feature of the console is one folder and one line', () => {
    const features = new Set(sourceFiles.flatMap((file) => /^console\/src\/contrib\/([^/]+)\//.exec(file)?.[1] ?? []));
    const listed = importsOf('console/src/contrib/index.ts').filter((path) => path.startsWith('console/src/contrib/'));
    expect(listed.toSorted()).toEqual(
      [...features].map((name) => `console/src/contrib/${name}/${name}.contribution.ts`).toSorted(),
    );
  });

  test('the shell names nothing that a feature brings', () => {
    const names = /['"]harp\.(view|panel|editor|status|command|fleet|content|savings|events|transfers|jobs|output)\b/;
    const offenders = sourceFiles
      .filter((file) => /^console\/src\/workbench\/(?!.*\.test\.tsx?$)/.test(file))
      .filter((file) => names.test(readFileSync(`${root}${file}`, 'utf8')));
    expect(offenders).toEqual([]);
  });

  test('files stay small: past 500 lines they have more than one reason to exist', () => {
    const long = sourceFiles
      .map((file) => ({ file, lines: readFileSync(`${root}${file}`, 'utf8').split('\n').length }))
      .filter(({ lines }) => lines > 500);
    expect(long).toEqual([]);
  });

  test('process.env is read in env files, composition roots and test harnesses only', () => {
    const offenders = sourceFiles
      .filter(
        (file) =>
          /^(agent|broker|console|prisma)\/src\//.test(file) &&
          !/(^|\/)(env|main)\.ts$|\.test\.tsx?$|test-db/.test(file),
      )
      .filter((file) => /process\.env\b/.test(readFileSync(`${root}${file}`, 'utf8')));
    expect(offenders).toEqual([]);
  });
});

describe('style sheets', () => {
  const entries = sourceFiles
    .filter((file) => /^console\/src\/contrib\/.*\.contribution\.ts$/.test(file))
    .flatMap((file) =>
      [...readFileSync(`${root}${file}`, 'utf8').matchAll(/import\(\s*'\.\/([^']+\.tsx)'\s*\)/g)].map(
        ([, name]) => `${file.slice(0, file.lastIndexOf('/'))}/${name}`,
      ),
    )
    .map((file) => ({ file, sheet: sheetBeside(file) }))
    .filter(({ sheet }) => sheet !== undefined);

  test('there are views and editors with a style sheet', () => {
    expect(entries.length).toBeGreaterThan(10);
  });

  test.each(entries)('$file brings its own', ({ file, sheet }) => {
    // Each is drawn by itself, without the feature's other parts: on a narrow screen the editor is there and the side bar is not.
    expect(importsOf(file)).toContain(sheet);
  });
});

/** The style sheet of the feature that a file belongs to, if it has one. */
function sheetBeside(file: string): string | undefined {
  const [, folder, name] = /^(.*\/([^/]+))\/[^/]+$/.exec(file) ?? [];
  const sheet = `${folder}/${name}.css`;
  return existsSync(`${root}${sheet}`) ? sheet : undefined;
}
