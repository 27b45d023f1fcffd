/**
 * What of a log line may be shown to people elsewhere: secrets are taken out by name and by shape, text is bounded. A second fence: whoever logs
 * must not pass secrets in the first place.
 */
import { limits } from './limits.ts';
import type { LogFacts } from './log.ts';

/** Stands where something was taken out or cut off. */
export const HIDDEN = '…';

/** Changes a text before it is shown. */
export type CleanText = (text: string) => string;

const secretName =
  /(token|secret|pass(word|phrase)?|passwd|authori[sz]ation|credentials?|cookie|session|api[-_]?key|private[-_]?key|setup[-_]?code|pem)$/i;

/** Each with what stays of a match. In this order: a PEM block may hold anything. */
const secretShapes: readonly (readonly [RegExp, string | ((...groups: string[]) => string)])[] = [
  [/-----BEGIN [^-]*-----[\s\S]*?(?:-----END [^-]*-----|$)/g, HIDDEN],
  // The address of a share holds its token, and the part before @ a password: host and port are what a helpdesk needs.
  [
    /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#"'<>]*@)?([^\s/?#"'<>]*)([^\s"'<>]*)/gi,
    (_, scheme = '', host = '', rest = '') => `${scheme}${host}${rest.length > 1 ? `/${HIDDEN}` : rest}`,
  ],
  // Of prose that begins the same ("Basic authentication") a credential differs by its digits and signs.
  [/\b(Basic|[Bb]earer)\s+(?=[\w+/.~-]*[\dA-Z+/=])[\w+/=.~-]{6,}/g, `$1 ${HIDDEN}`],
  // Enrolment tokens and API keys.
  [/\bharp\d+\.[\w-]+|\bharpkey_[\w-]+/g, HIDDEN],
  [/\b(\w*(?:token|secret|password|passwd|api[-_]?key))(["']?\s*[=:]\s*["']?)[^\s"'&;,})\]]+/gi, `$1$2${HIDDEN}`],
];

/** Whether a value of this name is a secret whatever it says. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

/** `text` without what looks like a credential. Applying it twice changes nothing more. */
export function withoutSecrets(text: string): string {
  let clean = text;
  for (const [shape, stays] of secretShapes) clean = clean.replace(shape, stays as string);
  return clean;
}

/** `text` of at most `maxChars` UTF-16 units, without control characters but line feeds and tabs, and without half characters. */
export function shortText(text: string, maxChars: number = limits.logTextMaxChars): string {
  const cut = text.length > maxChars ? `${text.slice(0, maxChars - 1)}${HIDDEN}` : text;
  return cut
    .replace(/[^\P{Cc}\n\t]/gu, '\uFFFD')
    .replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, '\uFFFD');
}

/**
 * Facts as they may be shown: at most 24, scalars as they are, everything else as JSON, errors as their text. `clean` sees every text before it is
 * shortened, because half a secret is not recognised. Undefined if there are none.
 */
export function shownFacts(facts: object, clean: CleanText = withoutSecrets): LogFacts | undefined {
  const shown = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .slice(0, limits.logMaxFacts)
    .map(([name, value]) => [shortText(name, limits.logFactNameMaxChars), shownValue(name, value, clean)] as const);
  return shown.length === 0 ? undefined : Object.fromEntries(shown);
}

function shownValue(name: string, value: unknown, clean: CleanText): string | number | boolean | null {
  if (isSecretName(name)) return HIDDEN;
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string') return shortText(clean(value));
  if (value instanceof Error) return shortText(clean(String(value)));
  return shortText(jsonOf(value, clean));
}

function jsonOf(value: unknown, clean: CleanText): string {
  try {
    return (
      JSON.stringify(value, (name, inner: unknown) => {
        if (name !== '' && isSecretName(name)) return HIDDEN;
        if (typeof inner === 'string') return clean(inner);
        if (typeof inner === 'bigint') return String(inner);
        return inner instanceof Error ? clean(String(inner)) : inner;
      }) ?? String(value)
    );
  } catch {
    // A circle, or a getter that throws: the rest of the line is worth more than this fact.
    return HIDDEN;
  }
}
