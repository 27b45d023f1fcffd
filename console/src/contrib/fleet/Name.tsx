import { cutName } from './display-name.ts';

/** A name that somebody else chose: as text, cut, in its own direction. */
export function Name({ children }: { children: string }) {
  return (
    <bdi dir="auto" className="fleet-name">
      {cutName(children)}
    </bdi>
  );
}
