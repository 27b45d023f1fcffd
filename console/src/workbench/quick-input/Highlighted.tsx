import type { Range } from './fuzzy.ts';

/** A name of unknown direction with the found parts marked. Nobody reads beyond a few hundred letters of a name. */
const MAX_SHOWN = 300;

export function Highlighted({ text, ranges }: { text: string; ranges: readonly Range[] }) {
  const shown = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  let end = 0;
  const parts = ranges.flatMap(([from, to]) => {
    const between = shown.slice(end, from);
    end = to;
    return [between, <mark key={from}>{shown.slice(from, to)}</mark>];
  });
  return (
    <bdi>
      {parts}
      {shown.slice(end)}
    </bdi>
  );
}
