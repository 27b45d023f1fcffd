import { parseXml, type XmlElement } from '../dav/xml.ts';
import type { RawResponse } from '../testing/raw-request.ts';
import type { Aliases } from './aliases.ts';
import { bytesOf, type Recording } from './recording.ts';

/** Differences between a recorded and an actual answer, one line each; learns aliases on the way. */
export function differences(recording: Recording, actual: RawResponse, aliases: Aliases): string[] {
  const expected = recording.response;
  if (expected.status !== actual.status)
    return [`status ${actual.status}, recorded ${expected.status}: ${actual.body.subarray(0, 300)}`];
  return [...headerDifferences(expected.headers, actual, aliases), ...bodyDifferences(recording, actual, aliases)];
}

/** What two values of a header must have in common. */
type Shape = 'same' | 'etag' | 'file-id' | 'date' | 'activity' | 'url' | 'present';

/** How to compare a header. Content-Security-Policy holds a nonce, and its wording is no part of the contract. */
const headerShapes: Readonly<Record<string, Shape>> = {
  etag: 'etag',
  'oc-etag': 'etag',
  'oc-fileid': 'file-id',
  'last-modified': 'date',
  'x-activity-first-known': 'activity',
  'x-activity-last-given': 'activity',
  link: 'url',
  'content-security-policy': 'present',
};

/** Headers that must not appear where the recording has none. */
const tellingHeaders = [
  'etag',
  'oc-etag',
  'oc-fileid',
  'oc-checksum',
  'x-oc-mtime',
  'content-range',
  'accept-ranges',
  'last-modified',
  'content-disposition',
  'content-encoding',
  'www-authenticate',
  'retry-after',
  'allow',
  'dav',
  'location',
  'link',
];

function headerDifferences(
  expected: Readonly<Record<string, string>>,
  actual: RawResponse,
  aliases: Aliases,
): string[] {
  const recorded = new Map(Object.entries(expected).map(([name, value]) => [name.toLowerCase(), value]));
  const problems: string[] = [];
  for (const [name, value] of recorded) {
    // Bodies are compared as such; their length differs with the length of ids and host names.
    if (name === 'content-length' && value !== '0') continue;
    const [got] = actual.all(name);
    if (got === undefined) problems.push(`header ${name} is missing, recorded ${value}`);
    else if (!headerFits(headerShapes[name] ?? 'same', value, got, aliases))
      problems.push(`header ${name}: ${got}, recorded ${value}`);
  }
  for (const name of tellingHeaders) {
    if (!recorded.has(name) && actual.headers[name] !== undefined)
      problems.push(`header ${name}: ${actual.headers[name]}, recorded none`);
  }
  return problems;
}

function headerFits(shape: Shape, recorded: string, got: string, aliases: Aliases): boolean {
  switch (shape) {
    case 'same':
      return got === recorded;
    case 'etag':
      return etagFits(recorded, got, aliases);
    case 'file-id':
      return (
        /^\d{8,}oc\w+$/.test(got) &&
        aliases.learn('file', String(Number(recorded.slice(0, 8))), String(Number(got.slice(0, 8))))
      );
    case 'date':
      return dateFits(recorded, got);
    case 'activity':
      return /^\d+$/.test(got) && aliases.learn('activity', recorded, got);
    case 'url':
      return aliases.rewrite(recorded) === got;
    case 'present':
      return true;
  }
}

/** Same quoting, and the same file version as far as is known. Lists of the app framework have ETags of their own. */
function etagFits(recorded: string, got: string, aliases: Aliases): boolean {
  const pattern = /^("?)([0-9a-f]+)\1$/;
  const [, recordedQuote, recordedTag = ''] = pattern.exec(recorded) ?? [];
  const [, quote, tag = ''] = pattern.exec(got) ?? [];
  return (
    quote !== undefined &&
    quote === recordedQuote &&
    tag.length === recordedTag.length &&
    aliases.learn('etag', recordedTag, tag)
  );
}

/** mtimes that a client set are exact; others are the server's clock. */
function dateFits(recorded: string, got: string): boolean {
  const setByClient = recorded.startsWith('Mon, 21 Sep 2026 14:13:2');
  return setByClient ? got === recorded : new Date(got).toUTCString() === got;
}

function bodyDifferences(recording: Recording, actual: RawResponse, aliases: Aliases): string[] {
  const expected = bytesOf(recording.response.body) ?? Buffer.alloc(0);
  const type = String(actual.headers['content-type'] ?? '');
  const isFile =
    recording.request.method === 'GET' && (actual.status === 200 || actual.status === 206) && !/json|xml/.test(type);
  if (isFile || expected.length === 0)
    return expected.equals(actual.body) ? [] : [`body has other bytes (${actual.body.length} of them)`];
  if (type.includes('json'))
    return jsonDifferences('', JSON.parse(expected.toString()), JSON.parse(actual.body.toString()), aliases);
  const unordered = recording.request.method === 'SEARCH';
  return xmlDifferences(parseXml(expected.toString()), parseXml(actual.body.toString()), aliases, unordered);
}

/** Values that are the server's own: only their type is compared. */
const ownValues =
  /\.(versionstring|string|lastLogin|free|used|total|relative|storageLocation|stime|storage|storage_id|datetime|object_id|notification_id|apppassword|icon|etag|logo|password|share_with)$/;

/** Numbers and texts that stand for something made in this run, by the end of their place in the document. */
const aliasKinds: readonly (readonly [RegExp, string])[] = [
  [/shares.*\.id$|data(\.\d+)?\.id$/, 'share'],
  [/\.(item_source|file_source|file_parent|object_id)$/, 'file'],
  [/file\d*\.id$/, 'file'],
  [/\.(calendar|addressbook|token)\.id$/, 'other'],
  [/\.activity_id$/, 'activity'],
  [/\.token$|\.apppassword$/, 'token'],
];

function jsonDifferences(place: string, expected: unknown, actual: unknown, aliases: Aliases): string[] {
  if (typeOf(expected) !== typeOf(actual)) return [`${place} is ${typeOf(actual)}, recorded ${typeOf(expected)}`];
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length)
      return [`${place} has ${actual.length} elements, recorded ${expected.length}`];
    return expected.flatMap((item, index) => jsonDifferences(`${place}.${index}`, item, actual[index], aliases));
  }
  if (isRecord(expected) && isRecord(actual)) return recordDifferences(place, expected, actual, aliases);
  return leafFits(place, String(expected), String(actual), aliases)
    ? []
    : [`${place} is ${actual}, recorded ${expected}`];
}

function recordDifferences(
  place: string,
  expected: Record<string, unknown>,
  actual: Record<string, unknown>,
  aliases: Aliases,
): string[] {
  const nameNow = (key: string) => (place.endsWith('.objects') ? (aliases.get('file', key) ?? key) : key);
  const names = new Map(Object.keys(expected).map((key) => [nameNow(key), key]));
  const extra = Object.keys(actual).filter((key) => !names.has(key) && !place.endsWith('.objects'));
  const problems = extra.map((key) => `${place}.${key} is not in the recording`);
  for (const [key, recordedKey] of names) {
    if (key in actual)
      problems.push(...jsonDifferences(`${place}.${key}`, expected[recordedKey], actual[key], aliases));
    else if (!place.endsWith('.objects')) problems.push(`${place}.${key} is missing`);
  }
  if (place.endsWith('.objects') && Object.keys(actual).length !== names.size)
    problems.push(`${place} has other members`);
  return problems;
}

function leafFits(place: string, expected: string, actual: string, aliases: Aliases): boolean {
  const kind = aliasKinds.find(([pattern]) => pattern.test(place))?.[1];
  if (kind !== undefined && expected !== '0') return expected.length > 0 && aliases.learn(kind, expected, actual);
  if (ownValues.test(place)) return true;
  const url = /^https?:\/\//.test(expected);
  return url ? urlFits(expected, actual, aliases) : aliases.rewrite(expected) === actual;
}

/** A URL may end in a token or file id, which is this run's own. */
function urlFits(expected: string, actual: string, aliases: Aliases): boolean {
  const ending = /\/(f|s|flow|direct)\/([A-Za-z0-9]+)$/;
  const [, service, recordedId] = ending.exec(expected) ?? [];
  const [, , id] = ending.exec(actual) ?? [];
  if (recordedId === undefined || id === undefined) return aliases.rewrite(expected) === actual;
  const kind = service === 'f' ? 'file' : 'token';
  return (
    aliases.rewrite(expected.replace(ending, '')) === actual.replace(ending, '') && aliases.learn(kind, recordedId, id)
  );
}

/** Properties whose value is this server's own, with the alias they teach. */
const ownProperties: Readonly<Record<string, 'etag' | 'file' | 'date' | 'any'>> = {
  getetag: 'etag',
  fileid: 'file',
  id: 'any',
  getlastmodified: 'date',
};

function xmlDifferences(
  expected: XmlElement,
  actual: XmlElement,
  aliases: Aliases,
  anyFile: boolean,
  place = '',
): string[] {
  const here = `${place}/${expected.name}`;
  if (expected.name !== actual.name || expected.namespace !== actual.namespace) return [`${here} is <${actual.name}>`];
  if (expected.children.length !== actual.children.length) {
    const names = (element: XmlElement) => element.children.map((part) => part.name).join(' ');
    return [`${here} has [${names(actual)}], recorded [${names(expected)}]`];
  }
  const own = ownProperties[expected.name];
  const free = anyFile && ['href', 'displayname', 'fileid', 'getetag'].includes(expected.name);
  if (expected.children.length === 0 && !free && !textFits(own, expected.text.trim(), actual.text.trim(), aliases)) {
    return [`${here} is «${actual.text}», recorded «${expected.text}»`];
  }
  return expected.children.flatMap((part, index) =>
    xmlDifferences(part, actual.children[index] ?? part, aliases, anyFile, here),
  );
}

function textFits(
  own: 'etag' | 'file' | 'date' | 'any' | undefined,
  expected: string,
  actual: string,
  aliases: Aliases,
): boolean {
  if (expected === '' || actual === '') return expected === actual;
  if (own === 'etag') return etagFits(expected, actual, aliases);
  if (own === 'file') return aliases.learn('file', expected, actual);
  if (own === 'date') return dateFits(expected, actual);
  return own === 'any' || expected === actual;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
