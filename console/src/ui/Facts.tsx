import type { ReactNode } from 'react';

export interface Fact {
  name: string;
  /** `—` when it is not known: never 0. */
  value: ReactNode;
  title?: string | undefined;
}

/** Names and values, side by side or below each other by the room there is. */
export function Facts({ facts, layout = 'row' }: { facts: readonly Fact[]; layout?: 'row' | 'list' }) {
  return (
    <dl className={`facts ${layout}`}>
      {facts.map(({ name, value, title }) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
