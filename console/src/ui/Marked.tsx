/** Text of unknown direction, isolated from what is around it, with the part that a filter found marked. */
export function Marked({ text, match }: { text: string; match?: readonly [number, number] | undefined }) {
  if (match === undefined) return <bdi>{text}</bdi>;
  const [from, to] = match;
  return (
    <bdi>
      {text.slice(0, from)}
      <mark className="match">{text.slice(from, to)}</mark>
      {text.slice(to)}
    </bdi>
  );
}
