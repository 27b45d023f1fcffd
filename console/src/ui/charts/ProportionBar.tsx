'use client';
/** "How much of it is what?": one bar of 100 %, and every part of it as a line with its sign, its words and its number. */
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { messages } from '../messages.ts';
import { State } from '../State.tsx';
import type { ProportionBarProps } from './model.ts';
import { proportions } from './scales.ts';

export function ProportionBar({ label, parts, onOpen }: ProportionBarProps) {
  const text = useText();
  const format = useFormat();
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const widths = proportions(parts.map(({ count }) => count));
  return (
    <div className="proportion">
      <div className="proportion-bar" aria-hidden="true">
        {parts.map(({ key, tone }, index) =>
          widths[index] === 0 ? null : (
            <span key={key} className={`fill ${tone}`} style={{ width: `${widths[index]}%` }} />
          ),
        )}
      </div>
      <ul className="proportion-list" aria-label={label}>
        {parts.map(({ key, label: name, count, tone, icon, detail }) => {
          const amount = text(messages.shareOf, { count, share: format.share(count, total) });
          return (
            <li key={key}>
              <State tone={tone} icon={icon}>
                {onOpen === undefined || count === 0 ? (
                  name
                ) : (
                  <button type="button" className="link-button" onClick={() => onOpen(key)}>
                    {name}
                  </button>
                )}
              </State>
              <span className="proportion-count">{amount}</span>
              {detail === undefined ? null : <span className="muted">{detail}</span>}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
