import { tame } from './foreign-text.ts';

export interface MarkedProps {
  text: string;
  /** From, to. */
  match?: readonly [number, number] | undefined;
  className?: string;
}

/** Text of unknown direction, isolated from what is around it, with the part that a filter found marked. */
export function Marked({ text, match, className }: MarkedProps) {
  const shown = tame(text);
  if (match === undefined) return <bdi className={className}>{shown}</bdi>;
  const [from, to] = match;
  return (
    <bdi className={className}>
      {shown.slice(0, from)}
      <mark className="match">{shown.slice(from, to)}</mark>
      {shown.slice(to)}
    </bdi>
  );
}
