'use client';
/** "Which one is worst?": a dot per thing on one scale from 0 to 100 %, worst first, over bands that say what is good. */
import type { CSSProperties } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { tame } from '../foreign-text.ts';
import { messages } from '../messages.ts';
import { Unknown } from '../State.tsx';
import type { RankedDotsProps } from './model.ts';
import { bandOf, percentOf, ranked } from './scales.ts';

/** What Delivery Optimization's reports call a warning and an error. */
const DEFAULT_BANDS = { warning: 0.6, error: 0.1 };

/** Each band has a shape of its own, so that its colour is not all that tells it. */
const shapes = { ok: 'circle', warning: 'triangle', error: 'square' } as const;

export function RankedDots(props: RankedDotsProps) {
  const { label, items, bands = DEFAULT_BANDS, formatShare, onOpen } = props;
  const text = useText();
  const bandStyle = {
    '--harp-band-error': `${percentOf(bands.error)}%`,
    '--harp-band-warning': `${percentOf(bands.warning)}%`,
  };
  return (
    <div className="ranked">
      <ul className="legend" aria-hidden="true">
        <li>
          <i className="dot ok circle" />
          {text(messages.bandOk, { share: formatShare(bands.warning) })}
        </li>
        <li>
          <i className="dot warning triangle" />
          {text(messages.bandWarning, { low: formatShare(bands.error), high: formatShare(bands.warning) })}
        </li>
        <li>
          <i className="dot error square" />
          {text(messages.bandError, { share: formatShare(bands.error) })}
        </li>
      </ul>
      <ul className="ranked-rows" aria-label={label}>
        {ranked(items).map(({ id, label: name, share, detail }) => {
          const band = share === null ? undefined : bandOf(share, bands);
          const line = (
            <>
              <span className="ranked-name" title={tame(name)}>
                <bdi>{tame(name)}</bdi>
              </span>
              <span className={`ranked-track ${share === null ? 'hatched' : ''}`} style={bandStyle as CSSProperties}>
                {share === null || band === undefined ? null : (
                  <i className={`dot ${band} ${shapes[band]}`} style={{ insetInlineStart: `${percentOf(share)}%` }} />
                )}
              </span>
              <span className="ranked-value">
                {share === null ? <Unknown reason={text(messages.noData)} /> : formatShare(share)}
              </span>
              <span className="ranked-detail muted">{detail}</span>
            </>
          );
          return (
            <li key={id}>
              {onOpen === undefined ? (
                <span className="ranked-row">{line}</span>
              ) : (
                <button type="button" className="ranked-row" onClick={() => onOpen(id)}>
                  {line}
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
