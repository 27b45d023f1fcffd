import { createHash } from 'node:crypto';
import { pathProblem, utf8 } from '@harp/broker/protocol';

/*
 * The rule for names that a computer cannot store (docs: names). It is pure, looks at a path and its siblings only, and is the same for every agent.
 *
 * 1. A path that the protocol forbids is refused, although it cannot arrive: `.`, `..` and empty names, absolute paths, backslashes, control
 *    characters, lone surrogates, text not in Unicode NFC. So is a path that is too long in all for the system (Linux 4095 bytes, macOS 1023 bytes,
 *    Windows 32 000 UTF-16 units, the folder's own place included).
 * 2. Every other name is stored as it is, unless
 *    a. it is longer than the system allows (Linux: 255 bytes of UTF-8; Windows and macOS: 255 UTF-16 units), or
 *    b. it is one of Harp's own: `.harp-` + 16 hexadecimal digits + `.partial`, or
 *    c. it ends, before its extension, in `~` + 12 hexadecimal digits, which is how mapped names look, or
 *    d. on Windows: it holds one of `< > : " | ? *`, ends in a dot or a space, or is a device (CON, PRN, AUX, NUL, CONIN$, CONOUT$, COM and LPT with
 *       a digit or superscript digit), with or without an extension, or
 *    e. on Windows and macOS: another name of the same directory differs from it in case only (or in what Unicode normalisation removes) and sorts
 *       before it by UTF-16 code units. Names to which a–d apply do not count, they are stored elsewhere.
 * 3. A name to which 2 applies is stored as stem + `~` + first 12 hexadecimal digits of SHA-256(name in UTF-8) + extension. Forbidden characters and a
 *    final dot or space become `_`, a device gets a leading `_`, and the stem is cut to fit. The extension is what follows the last dot, up to 16
 *    characters; a name that only has a dot in front has none.
 *
 * Because of 2c no name that is stored as it is equals a mapped one, and two mapped ones differ by their hash; should 48 bits ever collide, the
 * second file is refused, never written over the first. Which names are mapped depends on the set of paths, not on the order in which they came.
 */

/** File systems by what they cannot store. */
export type NamePlatform = 'linux' | 'win32' | 'darwin';

/** Names in the directory `parent` of the chain (`''` is the root) whose `foldName` is `fold`, in any order. Not asked on Linux. */
export type Siblings = (parent: string, fold: string) => Iterable<string>;

export type MappedPath = { stored: string } | { refused: string };

const NAME_MAX = 255;
const OWN_NAME = /^\.harp-[0-9a-f]{16}\.partial$/i;
const MAPPED_NAME = /~[0-9a-f]{12}(\.[^.]*)?$/i;
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])$/i;
const EXTENSION_MAX = 16;
/** The hidden file beside a target is longer than many targets. */
const OWN_NAME_LENGTH = '.harp-0123456789abcdef.partial'.length;

/** `rootLength`: length of the folder's root in the units of `pathLength`. */
export function mapPath(path: string, platform: NamePlatform, rootLength: number, siblings: Siblings): MappedPath {
  const problem = pathProblem(path);
  if (problem !== undefined) return { refused: `the path ${problem}` };
  const names = path.split('/');
  let parent = '';
  const stored = names.map((name) => {
    const at = parent;
    parent = parent === '' ? name : `${parent}/${name}`;
    return mustMap(name, platform) || losesClash(name, at, platform, siblings) ? mappedName(name, platform) : name;
  });
  const text = stored.join('/');
  const directory = stored.slice(0, -1).join('/');
  const longest = Math.max(pathLength(text, platform), pathLength(directory, platform) + 1 + OWN_NAME_LENGTH);
  if (rootLength + 1 + longest > pathMax[platform]) return { refused: 'the path is too long for this system' };
  return { stored: text };
}

const pathMax: Record<NamePlatform, number> = { linux: 4095, darwin: 1023, win32: 32_000 };

/** The length that counts for the system's limit on paths. */
export function pathLength(path: string, platform: NamePlatform): number {
  return platform === 'win32' ? path.length : utf8(path).length;
}

/** Whether `name` cannot be stored as it is, whatever stands beside it. */
export function mustMap(name: string, platform: NamePlatform): boolean {
  if (nameLength(name, platform) > NAME_MAX || OWN_NAME.test(name) || MAPPED_NAME.test(name)) return true;
  return platform === 'win32' && windowsSafe(name) !== name;
}

/** Whether the system takes names for the same that differ in case. */
export function foldsNames(platform: NamePlatform): boolean {
  return platform !== 'linux';
}

/**
 * What two names have in common that Windows or macOS may take for one. Coarser than either system (full case mapping, both ways), so that a
 * clash is at worst seen where there is none.
 */
export function foldName(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

function losesClash(name: string, parent: string, platform: NamePlatform, siblings: Siblings): boolean {
  if (!foldsNames(platform)) return false;
  for (const other of siblings(parent, foldName(name))) if (other < name && !mustMap(other, platform)) return true;
  return false;
}

/** The name under rule 3; `hashed` is what it must differ by. */
function mappedName(name: string, platform: NamePlatform, hashed = name): string {
  const safe = platform === 'win32' ? windowsSafe(name) : name;
  const dot = safe.lastIndexOf('.');
  const hasExtension = dot > 0 && safe.length - dot <= EXTENSION_MAX + 1;
  const tail = `~${createHash('sha256').update(hashed).digest('hex').slice(0, 12)}${hasExtension ? safe.slice(dot) : ''}`;
  return shortened(hasExtension ? safe.slice(0, dot) : safe, NAME_MAX - nameLength(tail, platform), platform) + tail;
}

/** `text` cut between characters so that it has at most `max` bytes or units. */
function shortened(text: string, max: number, platform: NamePlatform): string {
  if (nameLength(text, platform) <= max) return text;
  let kept = '';
  let length = 0;
  for (const character of text) {
    length += nameLength(character, platform);
    if (length > max) break;
    kept += character;
  }
  return kept;
}

function windowsSafe(name: string): string {
  const clean = name.replaceAll(/[<>:"|?*]/g, '_').replace(/[. ]$/, '_');
  const stem = clean.split('.')[0]!.trimEnd();
  return DEVICE.test(stem) ? `_${clean}` : clean;
}

function nameLength(name: string, platform: NamePlatform): number {
  return platform === 'linux' ? Buffer.byteLength(name) : name.length;
}

/** The name of a folder's root: the folder's name under the rule above; `/` and `\\`, which a folder's name may hold, count as forbidden. */
export function rootName(name: string, platform: NamePlatform): string {
  const clean = name.normalize('NFC').replaceAll(/[/\\]/g, '_');
  const harmless = clean === '.' || clean === '..' ? '_' : clean;
  return harmless === name && !mustMap(name, platform) ? name : mappedName(harmless, platform, name);
}

/** The root for a folder whose own name another folder has taken; `folder` is its id. */
export function secondRootName(name: string, platform: NamePlatform, folder: string): string {
  return mappedName(rootName(name, platform), platform, folder);
}

/** Whether a name on disk is Harp's own, for files in assembly. */
export function isOwnName(name: string): boolean {
  return OWN_NAME.test(name);
}

/** The hidden name for what `seed` identifies: the same seed gives the same name, so a restarted agent finds what it left. */
export function ownName(seed: string): string {
  return `.harp-${createHash('sha256').update(seed).digest('hex').slice(0, 16)}.partial`;
}

/** The stored path of `name` in the directory of `storedPath`. */
export function beside(storedPath: string, name: string): string {
  const slash = storedPath.lastIndexOf('/');
  return slash === -1 ? name : `${storedPath.slice(0, slash)}/${name}`;
}

/** `name (kept HOST 2026-11-22 1).ext` for what has to make room; `attempt` counts from 1. */
export function keptName(
  name: string,
  { hostname, day, attempt }: { hostname: string; day: string; attempt: number },
  platform: NamePlatform,
): string {
  const host = hostname.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 40) || 'here';
  const dot = name.lastIndexOf('.');
  const hasExtension = dot > 0 && name.length - dot <= EXTENSION_MAX + 1;
  const tail = ` (kept ${host} ${day} ${attempt})${hasExtension ? name.slice(dot) : ''}`;
  return shortened(hasExtension ? name.slice(0, dot) : name, NAME_MAX - nameLength(tail, platform), platform) + tail;
}
