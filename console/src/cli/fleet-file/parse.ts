/**
 * fleet.yaml: what an administrator declares a fleet to be, read into the FleetDocument that the server takes. Pure: the environment and the
 * file system come in as functions, so every refusal has a test. Called by `harp apply` only.
 */
import { z } from 'zod';
import { fieldOf, fleetProblems } from '../../api/fleet-rules.ts';
import { FleetDocument } from '../../api/schemas.ts';
import { didYouMean } from '../../api/suggest.ts';
import { type Position, readYaml, type YamlSource } from './yaml-source.ts';

/** What a fleet file refers to outside itself. */
export interface FleetFileContext {
  /** Value of an environment variable; undefined if it is not set. */
  env(name: string): string | undefined;
  /** Text of a file. A relative path starts at the fleet file's folder. Throws Node's error (`code` ENOENT and so on). */
  readText(path: string): string;
}

/** Something wrong in the file. `field` is empty when the file as a whole cannot be read. */
export interface FleetFileProblem extends Position {
  field: string;
  message: string;
}

export type FleetFileOutcome =
  | {
      ok: true;
      document: FleetDocument;
      /** Where a field (`folders[0].path`) of the document stands in the file; the nearest enclosing value if it does not. */
      locate(field: string): Position;
    }
  | { ok: false /** In the order of the file; at most 50. */; problems: FleetFileProblem[] };

/** A screenful: whoever has more wrong than this has the wrong file. */
const MAX_PROBLEMS = 50;

/** Advice that stands wherever a password is not given as it must be. */
const PASSWORD_ADVICE = 'write password: { env: VARIABLE } or password: { file: PATH }';

const nextcloudShape = FleetDocument.shape.nextclouds.unwrap().element.shape;
const folderShape = FleetDocument.shape.folders.unwrap().element.shape;

const Secret = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
  error: (issue) => secretComplaint(issue.input),
});

/** The file's own form: like FleetDocument, but secrets and certificates are references and a folder's name may be left out. */
const FleetFile = z.strictObject({
  nextclouds: z
    .array(
      z.strictObject({
        name: nextcloudShape.name,
        url: nextcloudShape.url,
        user: nextcloudShape.user,
        password: Secret,
        caFile: z.string().min(1).optional(),
      }),
    )
    .max(100)
    .nullish(),
  offices: FleetDocument.shape.offices.unwrap().nullish(),
  folders: z
    .array(z.strictObject({ ...folderShape, name: folderShape.name.optional() }))
    .max(1000)
    .nullish(),
});
type FleetFile = z.infer<typeof FleetFile>;
type Secret = z.infer<typeof Secret>;

/** The names in a file that need not be right otherwise, so that a wrong reference is reported together with everything else. */
const text = z.string().catch('');
const items = <S extends z.ZodType>(item: S) => z.array(item).catch([]).nullish();
const Names = z
  .object({
    nextclouds: items(z.object({ name: text }).catch({ name: '' })),
    offices: items(z.object({ name: text }).catch({ name: '' })),
    folders: items(
      z
        .object({ name: text, nextcloud: text, path: text, offices: z.array(text).catch([]) })
        .catch({ name: '', nextcloud: '', path: '', offices: [] }),
    ),
  })
  .catch({});

/** Reads a fleet file. Reports everything that is wrong at once. */
export function parseFleetFile(fileText: string, context: FleetFileContext): FleetFileOutcome {
  const yaml = readYaml(fileText);
  if (!yaml.ok) return failed(yaml.faults.map((fault) => ({ ...fault, field: '' })));
  const { source } = yaml;
  if (source.value === null) return failed([{ line: 1, column: 1, field: '', message: 'the file is empty' }]);
  const parsed = FleetFile.safeParse(source.value);
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => shapeProblems(issue, source))),
    ...ruleProblems(source),
  ];
  if (!parsed.success || problems.length > 0) return failed(problems);
  const { document, missing } = resolve(parsed.data, context, source);
  if (missing.length > 0) return failed(missing);
  const checked = FleetDocument.safeParse(document);
  return checked.success
    ? { ok: true, document: checked.data, locate: (field) => source.positionOf(pathOf(field)) }
    : failed(checked.error.issues.flatMap((issue) => shapeProblems(issue, source)));
}

/** `fleet.yaml:12:7 folders[0].offices[1]: no office is called "sotuh"; did you mean "south"?` */
export function describeProblem(fileName: string, { line, column, field, message }: FleetFileProblem): string {
  return `${fileName}:${line}:${column}${field === '' ? '' : ` ${field}`}: ${message}`;
}

/** A field taken apart: the inverse of fieldOf. */
function pathOf(field: string): (string | number)[] {
  return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([step, index]) =>
    index === undefined ? step : Number(index),
  );
}

function failed(problems: FleetFileProblem[]): FleetFileOutcome {
  const ordered = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return { ok: false, problems: ordered.slice(0, MAX_PROBLEMS) };
}

function shapeProblems(issue: z.core.$ZodIssue, source: YamlSource): FleetFileProblem[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(path);
    return issue.keys.map((key) => ({
      ...source.keyPositionOf([...path, key]),
      field: fieldOf([...path, key]),
      message: `unknown key "${key}"${unknownKeyAdvice(key, known)}`,
    }));
  }
  return [{ ...source.positionOf(path), field: fieldOf(path), message: shapeMessage(issue) }];
}

function shapeMessage(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') {
    const expected = { string: 'text', array: 'a list', object: 'a map of keys' }[issue.expected as string];
    if (issue.message.endsWith('received undefined')) return 'is missing';
    if (expected === undefined) return issue.message;
    const quotes = issue.expected === 'string' && /number|boolean/.test(issue.message);
    return `must be ${expected}${quotes ? ': put it in quotes' : ''}`;
  }
  if (issue.code === 'too_small' && issue.minimum === 1) return 'must not be empty';
  if (issue.code === 'too_big') return `is too long: at most ${issue.maximum}`;
  return issue.message;
}

const keysByList: Record<string, readonly string[]> = {
  '': ['nextclouds', 'offices', 'folders'],
  nextclouds: ['name', 'url', 'user', 'password', 'caFile'],
  offices: ['name', 'subnets', 'region', 'timeZone'],
  folders: ['name', 'nextcloud', 'path', 'offices'],
};

function knownKeys(path: readonly (string | number)[]): readonly string[] {
  return keysByList[String(path[0] ?? '')] ?? [];
}

function unknownKeyAdvice(key: string, known: readonly string[]): string {
  return didYouMean(key, known) || (known.length > 0 ? `; known here: ${known.join(', ')}` : '');
}

function secretComplaint(input: unknown): string {
  if (typeof input === 'string') return `a password must not stand in the file: ${PASSWORD_ADVICE}`;
  return input === undefined ? `is missing: ${PASSWORD_ADVICE}` : PASSWORD_ADVICE;
}

function ruleProblems(source: YamlSource): FleetFileProblem[] {
  const names = Names.parse(source.value);
  const folders = (names.folders ?? []).map((folder) => ({
    ...folder,
    name: folder.name || nameFromPath(folder.path),
  }));
  const fleet = { nextclouds: names.nextclouds ?? [], offices: names.offices ?? [], folders };
  const rules = fleetProblems(fleet).map(({ path, message }) => ({
    ...source.positionOf(path),
    field: fieldOf(path),
    message,
  }));
  const nameless = folders.flatMap((folder, index) =>
    folder.path.startsWith('/') && folder.name === ''
      ? [
          {
            ...source.positionOf(['folders', index]),
            field: `folders[${index}].name`,
            message: 'is missing: the path / has no last name to take',
          },
        ]
      : [],
  );
  return [...rules, ...nameless];
}

/** The last name of a path. */
function nameFromPath(path: string): string {
  return path.normalize('NFC').split('/').filter(Boolean).at(-1) ?? '';
}

function resolve(file: FleetFile, context: FleetFileContext, source: YamlSource) {
  const missing: FleetFileProblem[] = [];
  const report = (path: readonly (string | number)[], message: string): undefined => {
    missing.push({ ...source.positionOf(path), field: fieldOf(path), message });
  };
  const readFile = (path: readonly (string | number)[], name: string): string | undefined => {
    try {
      return context.readText(name);
    } catch (error) {
      return report(path, `cannot read the file ${name}: ${systemReason(error)}`);
    }
  };
  const readPassword = (path: readonly (string | number)[], secret: Secret): string | undefined => {
    if ('env' in secret) {
      const value = context.env(secret.env);
      return value || report([...path, 'env'], `the environment variable ${secret.env} is not set or empty`);
    }
    // Editors end a file with a line feed that is no part of the password.
    const value = readFile([...path, 'file'], secret.file)?.replace(/\r?\n$/, '');
    return value === '' ? report([...path, 'file'], `the file ${secret.file} is empty`) : value;
  };
  const readCa = (path: readonly (string | number)[], name: string): string | undefined => {
    const pem = readFile(path, name);
    if (pem === undefined || pem.includes('-----BEGIN CERTIFICATE-----')) return pem;
    return report(path, `the file ${name} holds no certificate in PEM form`);
  };
  const nextclouds = (file.nextclouds ?? []).map(({ password, caFile, ...rest }, index) => {
    const caPem = caFile === undefined ? undefined : readCa(['nextclouds', index, 'caFile'], caFile);
    return {
      ...rest,
      password: readPassword(['nextclouds', index, 'password'], password),
      ...(caPem === undefined ? {} : { caPem }),
    };
  });
  const folders = (file.folders ?? []).map((folder) => ({ ...folder, name: folder.name ?? nameFromPath(folder.path) }));
  return { document: { nextclouds, offices: file.offices ?? [], folders }, missing };
}

function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  const words: Record<string, string> = {
    ENOENT: 'there is no such file',
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    EFBIG: 'it is larger than 64 KiB',
  };
  return words[code ?? ''] ?? code ?? 'unknown reason';
}
