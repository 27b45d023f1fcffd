'use client';
import { useUiHost } from './host.tsx';

/** The keys of a command, or the ones given, as they stand on a keyboard. Nothing when there are none. */
export function KeyHint({ command, keys }: { command?: string; keys?: string }) {
  const host = useUiHost();
  const shown = keys ?? (command === undefined ? undefined : host.keyFor(command));
  if (shown === undefined) return null;
  return (
    <span className="key-hint">
      {chordsOf(shown).map((chord, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a chord may be pressed twice
        <kbd key={index} className="key-chord">
          {chord.map((key) => (
            <kbd key={key} className="key">
              {key}
            </kbd>
          ))}
        </kbd>
      ))}
    </span>
  );
}

/** `Ctrl+K Ctrl+T` as chords of keys. */
export function chordsOf(keys: string): string[][] {
  return keys
    .split(' ')
    .filter((chord) => chord !== '')
    .map((chord) =>
      (chord.endsWith('++') ? [...chord.slice(0, -2).split('+'), '+'] : chord.split('+')).filter((key) => key !== ''),
    );
}
