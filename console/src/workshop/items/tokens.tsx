'use client';
import { type TokenName, variableOf } from '../../theme/names.ts';
import { themes } from '../../theme/tokens.ts';

const tokens = Object.keys(themes.dark) as TokenName[];

/** Every token of the theme as it is now. */
export function TokensItem() {
  return (
    <ul className="workshop-tokens">
      {tokens.map((token) => (
        <li key={token}>
          <i style={{ background: `var(${variableOf(token)})` }} />
          <code>{token}</code>
        </li>
      ))}
    </ul>
  );
}
