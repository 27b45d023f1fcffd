import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  capsOf,
  KeySyntaxError,
  keyLabel,
  normaliseKey,
  type PressedKey,
  partsOf,
  platformOf,
  strokesFromEvent,
} from './stroke.ts';

describe('reading keys', () => {
  test.each([
    { text: 'ctrl+k ctrl+s', key: 'ctrl+k ctrl+s' },
    { text: ' Shift+Ctrl+P ', key: 'ctrl+shift+p' },
    { text: 'ctrl+pgdn', key: 'ctrl+pagedown' },
    { text: 'esc', key: 'escape' },
    { text: 'alt+]', key: 'alt+]' },
    { text: 'ctrl++', key: 'ctrl++' },
    { text: 'ctrl+plus', key: 'ctrl++' },
    { text: '+', key: '+' },
    { text: 'ctrl+\\', key: 'ctrl+\\' },
    { text: 'F12', key: 'f12' },
    { text: 'ctrl+ä', key: 'ctrl+ä' },
    { text: 'ctrl+k ctrl+left', key: 'ctrl+k ctrl+left' },
  ])('“$text” is $key', ({ text, key }) => {
    expect(normaliseKey(text)).toBe(key);
  });

  test.each(['', 'ctrl', 'ctrl+', 'ctrl+ctrl+a', 'hyper+a', 'ctrl+banana', 'a b c', 'f25'])(
    '“%s” is refused',
    (text) => {
      expect(() => normaliseKey(text)).toThrow(KeySyntaxError);
    },
  );

  test('a canonical key reads as itself, and its parts make it again', () => {
    const key = fc.constantFrom('a', '7', '+', '-', ']', 'enter', 'f6', 'left', 'space');
    fc.assert(
      fc.property(fc.subarray(['meta', 'alt', 'shift', 'ctrl']), key, (modifiers, name) => {
        const stroke = normaliseKey([...modifiers, name].join('+'));
        expect(normaliseKey(stroke)).toBe(stroke);
        const parts = partsOf(stroke);
        expect(parts.key).toBe(name);
        expect({ ctrl: parts.ctrl, shift: parts.shift, alt: parts.alt, meta: parts.meta }).toEqual({
          ctrl: modifiers.includes('ctrl'),
          shift: modifiers.includes('shift'),
          alt: modifiers.includes('alt'),
          meta: modifiers.includes('meta'),
        });
      }),
    );
  });
});

describe('writing keys', () => {
  test.each([
    { key: 'ctrl+k ctrl+s', windows: 'Ctrl+K Ctrl+S', linux: 'Ctrl+K Ctrl+S', mac: '⌘K ⌘S' },
    { key: 'ctrl+shift+p', windows: 'Ctrl+Shift+P', linux: 'Ctrl+Shift+P', mac: '⇧⌘P' },
    { key: 'ctrl+alt+b', windows: 'Ctrl+Alt+B', linux: 'Ctrl+Alt+B', mac: '⌥⌘B' },
    { key: 'meta+d', windows: 'Win+D', linux: 'Super+D', mac: '⌃D' },
    { key: 'alt+left', windows: 'Alt+←', linux: 'Alt+←', mac: '⌥←' },
    { key: 'escape', windows: 'Escape', linux: 'Escape', mac: '⎋' },
    { key: 'ctrl++', windows: 'Ctrl++', linux: 'Ctrl++', mac: '⌘+' },
    { key: 'f6', windows: 'F6', linux: 'F6', mac: 'F6' },
  ])('$key', ({ key, windows, linux, mac }) => {
    expect([keyLabel(key, 'windows'), keyLabel(key, 'linux'), keyLabel(key, 'mac')]).toEqual([windows, linux, mac]);
  });

  test('caps of a stroke, one per key', () => {
    expect(capsOf('ctrl+shift+p', 'windows')).toEqual(['Ctrl', 'Shift', 'P']);
    expect(capsOf('ctrl+shift+p', 'mac')).toEqual(['⇧', '⌘', 'P']);
  });
});

const pressed = (key: string, code: string, modifiers = '', altGraph = false): PressedKey => ({
  key,
  code,
  ctrlKey: modifiers.includes('c'),
  shiftKey: modifiers.includes('s'),
  altKey: modifiers.includes('a'),
  metaKey: modifiers.includes('m'),
  getModifierState: (name) => name === 'AltGraph' && altGraph,
});

describe('what was pressed', () => {
  test.each([
    { name: 'Ctrl+Shift+P', event: pressed('P', 'KeyP', 'cs'), strokes: ['ctrl+shift+p'] },
    { name: 'F6', event: pressed('F6', 'F6'), strokes: ['f6'] },
    { name: 'Shift+F6', event: pressed('F6', 'F6', 's'), strokes: ['shift+f6'] },
    { name: 'an arrow', event: pressed('ArrowLeft', 'ArrowLeft', 'a'), strokes: ['alt+left'] },
    { name: 'Ctrl+Space', event: pressed(' ', 'Space', 'c'), strokes: ['ctrl+space'] },
    { name: 'A on AZERTY (where Q is)', event: pressed('a', 'KeyQ', 'c'), strokes: ['ctrl+a'] },
    { name: 'Ctrl+В on a Russian layout', event: pressed('в', 'KeyD', 'c'), strokes: ['ctrl+d'] },
    { name: 'a digit of AZERTY, which prints &', event: pressed('&', 'Digit1', 'c'), strokes: ['ctrl+&', 'ctrl+1'] },
    { name: 'Alt+] on a US layout', event: pressed(']', 'BracketRight', 'a'), strokes: ['alt+]'] },
    {
      name: 'the same place on a German layout',
      event: pressed('+', 'BracketRight', 'a'),
      strokes: ['alt++', 'alt+]'],
    },
    { name: 'ü on a German layout', event: pressed('ü', 'BracketLeft', 'a'), strokes: ['alt+['] },
    { name: 'Ctrl+Shift+. prints >', event: pressed('>', 'Period', 'cs'), strokes: ['ctrl+shift+.'] },
    { name: 'AltGr types a sign', event: pressed('[', 'Digit8', 'ca', true), strokes: [] },
    { name: 'a lone modifier', event: pressed('Control', 'ControlLeft', 'c'), strokes: [] },
    { name: 'text being composed', event: { ...pressed('k', 'KeyK', 'c'), isComposing: true }, strokes: [] },
    { name: 'the Windows key', event: pressed('d', 'KeyD', 'm'), strokes: ['meta+d'] },
  ])('$name on Windows', ({ event, strokes }) => {
    expect(strokesFromEvent(event, 'windows')).toEqual(strokes);
  });

  test.each([
    { name: '⌘K', event: pressed('k', 'KeyK', 'm'), strokes: ['ctrl+k'] },
    { name: '⌃K', event: pressed('k', 'KeyK', 'c'), strokes: ['meta+k'] },
    { name: '⌥W prints ∑', event: pressed('∑', 'KeyW', 'a'), strokes: ['alt+w'] },
    { name: '⌥E is a dead key', event: pressed('Dead', 'KeyE', 'a'), strokes: ['alt+e'] },
  ])('$name on macOS', ({ event, strokes }) => {
    expect(strokesFromEvent(event, 'mac')).toEqual(strokes);
  });
});

test.each([
  ['MacIntel', 'mac'],
  ['Win32', 'windows'],
  ['Linux x86_64', 'linux'],
  ['', 'linux'],
])('%s is %s', (name, platform) => {
  expect(platformOf(name)).toBe(platform);
});
