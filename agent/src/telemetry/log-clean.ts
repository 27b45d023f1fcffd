import { type CleanText, HIDDEN, withoutSecrets } from '@harp/broker/protocol';

/** What must not leave this computer in a log line, besides what looks like a secret anyway. */
export interface LogFence {
  /** Folders of this computer, absolute, and what is written in their place: `<files>`, `<state>`. */
  places: readonly (readonly [directory: string, shown: string])[];
  /** Secrets known by their text. */
  secrets: readonly string[];
}

/** Shorter ones would take letters out of words. Real ones are longer. */
const SECRET_MIN_CHARS = 6;

/** An absolute path: POSIX, Windows with a drive, or a Windows share. */
const pathStart = String.raw`(?:\/|[A-Za-z]:[\\/]|\\\\)`;
const wholePath = new RegExp(`^${pathStart}[^\\n]*$`);
/** Node quotes paths in its messages, and a quoted one may hold spaces. */
const quotedPath = new RegExp(`(['"\`])(${pathStart}[^'"\`\\n]*)\\1`, 'g');
/** Where a path may begin; elsewhere a slash is part of something else: `and/or`, `a (1)/b`, an address, a place that was replaced. */
const pathBorder = String.raw`(?<=^|[\s=:,;("'\`[{|<])(?<!:(?=\/\/))`;
const barePath = new RegExp(`${pathBorder}${pathStart}[^\\s'"\`,;()<>|{}\\[\\]]*`, 'g');

/**
 * A cleaner of log texts: no secrets, and of paths outside the files folder only the last name.
 *
 * Paths relative to a folder of the fleet stay: they are what a helpdesk asks for, and the console knows them anyway.
 */
export function createLogCleaner({ places, secrets }: LogFence): CleanText {
  const known = [...new Set(secrets)].filter((secret) => secret.length >= SECRET_MIN_CHARS).sort(longestFirst);
  // The longest first: a folder may lie in another.
  const replaced = [...places].filter(([directory]) => directory.length > 1).sort(([a], [b]) => longestFirst(a, b));
  return (text) => {
    let clean = text;
    for (const secret of known) clean = clean.replaceAll(secret, HIDDEN);
    clean = withoutSecrets(clean);
    for (const [directory, shown] of replaced) clean = replacePlace(clean, directory, shown);
    if (wholePath.test(clean)) return lastName(clean);
    return clean
      .replace(quotedPath, (_, quote: string, path: string) => `${quote}${lastName(path)}${quote}`)
      .replace(barePath, lastName);
  };
}

/** Replaces a directory where it is one: `/srv/harp` is not part of `/srv/harpoon`. */
function replacePlace(text: string, directory: string, shown: string): string {
  let clean = '';
  let from = 0;
  for (let at = text.indexOf(directory); at !== -1; at = text.indexOf(directory, from)) {
    const end = at + directory.length;
    const isWhole = end === text.length || !/[\w-]/.test(text[end] ?? '');
    clean += text.slice(from, at) + (isWhole ? shown : text.slice(at, end));
    from = end;
  }
  return clean + text.slice(from);
}

function lastName(path: string): string {
  const name = path.split(/[\\/]/).findLast((part) => part !== '');
  return name === undefined ? path : `${HIDDEN}/${name}`;
}

function longestFirst(a: string, b: string): number {
  return b.length - a.length;
}
