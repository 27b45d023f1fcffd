import { tame } from './foreign-text.ts';

/** Text of unknown direction, isolated from what is around it, with the part that a filter found marked. */
export function Marked({ text, match }: { text: string; match?: readonly [number, number] | undefined }) {
  const shown = tame(text);
  if (match === undefined) return <bdi>{shown}</bdi>;
  const [from, to] = match;
  return (
    <bdi>
      {shown.slice(0, from)}
      <mark className="match">{shown.slice(from, to)}</mark>
      {shown.slice(to)}
    </bdi>
  );
}
