/**
 * What must hold between the parts of a fleet: names are unique, references lead somewhere, folders do not collide. The CLI checks a file with
 * these rules to name the line; the server checks every request with the same ones. Browser-safe.
 */
import { didYouMean } from './suggest.ts';

/** As much of a fleet as the rules need. A name that could not be read is empty and takes part in no rule. */
export interface FleetNames {
  nextclouds: readonly { name: string }[];
  offices: readonly { name: string }[];
  folders: readonly { name: string; nextcloud: string; path: string; offices: readonly string[] }[];
}

/** Something wrong at one place of a fleet. `path` leads there: `['folders', 0, 'offices', 1]`. */
export interface FleetProblem {
  path: readonly (string | number)[];
  message: string;
}

/** A path as people write it: `folders[0].offices[1]`. */
export function fieldOf(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

/** The one spelling of a folder's path that is stored and compared: NFC, no slash at the end but for the root `/`. */
export function normaliseFolderPath(path: string): string {
  const trimmed = path.normalize('NFC').replace(/\/+$/, '');
  return trimmed === '' ? '/' : trimmed;
}

/** The one spelling of a server's address that is stored and compared: no slash at the end. `url` is a valid URL. */
export function normaliseServerUrl(url: string): string {
  return new URL(url).href.replace(/\/+$/, '');
}

/** The name of the office that Harp makes for PCs that no office claims; what people declare is called otherwise. */
export const UNASSIGNED_NAME = 'Unassigned';

/** Every broken rule, in the order of the document. */
export function fleetProblems(fleet: FleetNames): FleetProblem[] {
  return [
    ...fleet.offices.flatMap(({ name }, index) =>
      name.normalize('NFC').toLowerCase() === UNASSIGNED_NAME.toLowerCase()
        ? [{ path: ['offices', index, 'name'], message: `"${name}" is where Harp puts PCs that no office claims` }]
        : [],
    ),
    ...duplicateNames('nextclouds', fleet.nextclouds),
    ...duplicateNames('offices', fleet.offices),
    ...duplicateNames('folders', fleet.folders),
    ...folderProblems(fleet),
  ];
}

/** Folder names become directory names on PCs, some of which do not tell upper from lower case; so no two names may differ in case alone. */
function duplicateNames(list: string, items: readonly { name: string }[]): FleetProblem[] {
  const seen = new Map<string, number>();
  const problems: FleetProblem[] = [];
  for (const [index, { name }] of items.entries()) {
    if (name === '') continue;
    const key = name.normalize('NFC').toLowerCase();
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, index);
      continue;
    }
    const same = items[first]?.name === name;
    problems.push({
      path: [list, index, 'name'],
      message: same
        ? `"${name}" is the name of ${list}[${first}] already`
        : `"${name}" differs from ${list}[${first}] "${items[first]?.name}" in upper and lower case only`,
    });
  }
  return problems;
}

function folderProblems(fleet: FleetNames): FleetProblem[] {
  const nextcloudNames = namesOf(fleet.nextclouds);
  const officeNames = namesOf(fleet.offices);
  const places = new Map<string, number>();
  const problems: FleetProblem[] = [];
  for (const [index, folder] of fleet.folders.entries()) {
    const report = (path: readonly (string | number)[], message: string) =>
      problems.push({ path: ['folders', index, ...path], message });
    if (folder.nextcloud !== '' && !nextcloudNames.has(folder.nextcloud))
      report(['nextcloud'], noSuch('Nextcloud connection', folder.nextcloud, nextcloudNames));
    if (folder.path !== '') {
      const wrong = folderPathProblem(folder.path);
      if (wrong !== undefined) report(['path'], wrong);
      const place = `${folder.nextcloud}\n${normaliseFolderPath(folder.path)}`;
      const first = places.get(place);
      if (first === undefined) places.set(place, index);
      else report(['path'], `folders[${first}] distributes this path already`);
    }
    const listed = new Map<string, number>();
    for (const [position, office] of folder.offices.entries()) {
      if (office === '') continue;
      const first = listed.get(office);
      if (first !== undefined) report(['offices', position], `"${office}" stands at offices[${first}] already`);
      else if (!officeNames.has(office)) report(['offices', position], noSuch('office', office, officeNames));
      listed.set(office, first ?? position);
    }
  }
  return problems;
}

function folderPathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'must start with a slash, such as /Projects';
  const names = normaliseFolderPath(path).slice(1).split('/');
  if (path !== '/' && names.some((name) => ['.', '..'].includes(name) || (name === '' && names.length > 1)))
    return 'must not hold empty, "." or ".." names';
  if (/[\p{Cc}\\]/u.test(path)) return 'must not hold control characters or backslashes';
  return undefined;
}

function namesOf(items: readonly { name: string }[]): Set<string> {
  return new Set(items.map(({ name }) => name).filter((name) => name !== ''));
}

function noSuch(what: string, name: string, known: ReadonlySet<string>): string {
  return `no ${what} is called "${name}"${didYouMean(name, [...known])}`;
}
