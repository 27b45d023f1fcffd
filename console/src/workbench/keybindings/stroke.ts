/**
 * Keys as text. A stroke is written `ctrl+shift+alt+meta+key` in this order; a binding is one or two strokes with a space between them. `ctrl`
 * is the key commands go with: Ctrl on Windows and Linux, ⌘ on macOS. `meta` is the other one: the Windows or Super key, ⌃ on macOS.
 */

export type Platform = 'windows' | 'linux' | 'mac';

/** Text of a stroke or binding that cannot be read. */
export class KeySyntaxError extends Error {
  override readonly name = 'KeySyntaxError';
}

/** Modifiers in the order they are written. */
const MODIFIERS = ['ctrl', 'shift', 'alt', 'meta'] as const;
type Modifier = (typeof MODIFIERS)[number];

/** More than two strokes nobody remembers; VS Code draws the same line in its recorder. */
const MAX_STROKES = 2;

const NAMED_KEYS = [
  ...['enter', 'escape', 'tab', 'space', 'backspace', 'delete', 'insert', 'home', 'end', 'pageup', 'pagedown'],
  ...['left', 'right', 'up', 'down', 'contextmenu', 'pause', 'printscreen'],
  ...Array.from({ length: 24 }, (_, index) => `f${index + 1}`),
] as const;
const NAMED: ReadonlySet<string> = new Set(NAMED_KEYS);

/** Other ways people write a key. */
const ALIASES: Readonly<Record<string, string>> = {
  esc: 'escape',
  del: 'delete',
  pgup: 'pageup',
  pgdn: 'pagedown',
  plus: '+',
};

const EVENT_NAMES: Readonly<Record<string, string>> = {
  ' ': 'space',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** Keys whose sign depends on the layout, by where they are; the names are those of a US keyboard. */
const PUNCTUATION_CODES: Readonly<Record<string, string>> = {
  Backquote: '`',
  Minus: '-',
  Equal: '=',
  BracketLeft: '[',
  BracketRight: ']',
  Backslash: '\\',
  IntlBackslash: '\\',
  Semicolon: ';',
  Quote: "'",
  Comma: ',',
  Period: '.',
  Slash: '/',
};

/** Reads one or two strokes and writes them in the one canonical way. @throws {KeySyntaxError} when the text is no key */
export function normaliseKey(text: string): string {
  const strokes = text.trim().toLowerCase().split(/\s+/);
  if (strokes.length > MAX_STROKES) throw new KeySyntaxError(`“${text}” has more than ${MAX_STROKES} strokes`);
  return strokes.map((stroke) => normaliseStroke(stroke, text)).join(' ');
}

/** The strokes of a canonical key. */
export function strokesOf(key: string): readonly string[] {
  return key.split(' ');
}

function normaliseStroke(stroke: string, text: string): string {
  // The key itself may be a plus: `ctrl++`.
  const parts = stroke.endsWith('++')
    ? [...stroke.slice(0, -2).split('+'), '+']
    : stroke === '+'
      ? ['+']
      : stroke.split('+');
  const written = parts.pop() ?? '';
  const key = ALIASES[written] ?? written;
  const modifiers = new Set<Modifier>();
  for (const part of parts) {
    const modifier = MODIFIERS.find((name) => name === part);
    if (modifier === undefined || modifiers.has(modifier))
      throw new KeySyntaxError(`“${part}” in “${text}” is no modifier`);
    modifiers.add(modifier);
  }
  if (!NAMED.has(key) && [...key].length !== 1) throw new KeySyntaxError(`“${key}” in “${text}” is no key`);
  return strokeText(modifiers, key);
}

function strokeText(modifiers: ReadonlySet<Modifier>, key: string): string {
  return [...MODIFIERS.filter((modifier) => modifiers.has(modifier)), key].join('+');
}

/** What a stroke consists of. */
export interface StrokeParts {
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  readonly meta: boolean;
  readonly key: string;
}

/** Takes a canonical stroke apart. */
export function partsOf(stroke: string): StrokeParts {
  const modifiers = stroke.endsWith('++') ? stroke.slice(0, -1).split('+') : stroke.split('+').slice(0, -1);
  const has = (modifier: Modifier) => modifiers.includes(modifier);
  const key = stroke === '+' || stroke.endsWith('++') ? '+' : (stroke.split('+').at(-1) ?? '');
  return { ctrl: has('ctrl'), shift: has('shift'), alt: has('alt'), meta: has('meta'), key };
}

/** The part of a `KeyboardEvent` that says what was pressed. */
export interface PressedKey {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly isComposing?: boolean;
  getModifierState?(modifier: string): boolean;
}

/**
 * The strokes a key event may mean, the likeliest first; none for a lone modifier, for text being composed and for AltGr, which types signs.
 *
 * Letters go by what the layout prints on the key (AZERTY's A is A), or by where the key is when the layout prints no Latin letter there
 * (Russian, Greek, Option on macOS). Signs have a second reading by place, so that Alt+] works where ] itself needs AltGr.
 */
export function strokesFromEvent(event: PressedKey, platform: Platform): readonly string[] {
  if (event.isComposing === true || event.key === 'Process' || event.key === 'AltGraph') return [];
  if (['Control', 'Shift', 'Alt', 'Meta', 'CapsLock', 'NumLock', 'Fn', 'OS', 'Unidentified'].includes(event.key))
    return [];
  if (platform !== 'mac' && event.getModifierState?.('AltGraph') === true && [...event.key].length === 1) return [];
  const modifiers = new Set<Modifier>();
  if (platform === 'mac' ? event.metaKey : event.ctrlKey) modifiers.add('ctrl');
  if (platform === 'mac' ? event.ctrlKey : event.metaKey) modifiers.add('meta');
  if (event.shiftKey) modifiers.add('shift');
  if (event.altKey) modifiers.add('alt');
  return [...new Set(keysFromEvent(event))].map((key) => strokeText(modifiers, key));
}

function keysFromEvent({ key, code, shiftKey }: PressedKey): readonly string[] {
  const named = EVENT_NAMES[key] ?? key.toLowerCase();
  if (NAMED.has(named)) return [named];
  if (/^[a-z]$/i.test(key)) return [key.toLowerCase()];
  const place = /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] ?? PUNCTUATION_CODES[code];
  const letterPlace = /^Key([A-Z])$/.exec(code)?.[1]?.toLowerCase();
  const isAscii = /^[!-~]$/.test(key);
  if (!isAscii) return [place ?? letterPlace].filter((found) => found !== undefined);
  // Shift changes the sign, and bindings name the unshifted one: shift+. and not >.
  if (shiftKey) return place === undefined ? [key] : [place];
  return place === undefined || place === key ? [key] : [key, place];
}

const LABELS: Readonly<Record<string, string>> = {
  enter: 'Enter',
  escape: 'Escape',
  tab: 'Tab',
  space: 'Space',
  backspace: 'Backspace',
  delete: 'Delete',
  insert: 'Insert',
  home: 'Home',
  end: 'End',
  pageup: 'PageUp',
  pagedown: 'PageDown',
  left: '←',
  right: '→',
  up: '↑',
  down: '↓',
  contextmenu: 'ContextMenu',
  pause: 'Pause',
  printscreen: 'PrintScreen',
};
const MAC_LABELS: Readonly<Record<string, string>> = { enter: '↩', escape: '⎋', tab: '⇥', backspace: '⌫', delete: '⌦' };
const MODIFIER_LABELS: Readonly<Record<Platform, Readonly<Record<Modifier, string>>>> = {
  windows: { ctrl: 'Ctrl', shift: 'Shift', alt: 'Alt', meta: 'Win' },
  linux: { ctrl: 'Ctrl', shift: 'Shift', alt: 'Alt', meta: 'Super' },
  mac: { ctrl: '⌘', shift: '⇧', alt: '⌥', meta: '⌃' },
};
/** Apple's order of modifier signs. */
const MAC_ORDER = ['meta', 'alt', 'shift', 'ctrl'] as const;
const OTHER_ORDER = ['meta', 'ctrl', 'shift', 'alt'] as const;

/** The caps of one stroke, as they are drawn on keys: `['Ctrl', 'Shift', 'P']`. */
export function capsOf(stroke: string, platform: Platform): readonly string[] {
  const parts = partsOf(stroke);
  const order = platform === 'mac' ? MAC_ORDER : OTHER_ORDER;
  const key = (platform === 'mac' ? MAC_LABELS[parts.key] : undefined) ?? LABELS[parts.key] ?? parts.key.toUpperCase();
  return [...order.filter((name) => parts[name]).map((name) => MODIFIER_LABELS[platform][name]), key];
}

/** A canonical key as people of this platform write it: `Ctrl+K Ctrl+S`, `⌘K ⌘S`. */
export function keyLabel(key: string, platform: Platform): string {
  return strokesOf(key)
    .map((stroke) => capsOf(stroke, platform).join(platform === 'mac' ? '' : '+'))
    .join(' ');
}

/** The platform a browser runs on, from `navigator.platform` or the like. Anything unknown counts as Linux. */
export function platformOf(name: string): Platform {
  if (/mac|iphone|ipad|ipod/i.test(name)) return 'mac';
  return /win/i.test(name) ? 'windows' : 'linux';
}
