'use client';
import { useId } from 'react';
import type { OfficeSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { foreign } from '../../ui/foreign-text.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Unknown } from '../../ui/states.tsx';
import { savingsEditorText } from './editor-messages.ts';
import { type BySource, savedOf } from './figures.ts';
import type { TimeWindow } from './time-window.ts';

export interface SavedFiguresProps {
  totals: BySource;
  office: OfficeSummary | undefined;
  time: TimeWindow;
  zone: string;
}

/** The figure that people come for, what it is compared with, and what it is made of. */
export function SavedFigures({ totals, office, time, zone }: SavedFiguresProps) {
  const text = useText();
  const format = useFormat();
  const tipId = useId();
  const titleId = useId();
  const { delivered, saved, share } = savedOf(totals);
  const values = { saved: format.bytes(saved), delivered: format.bytes(delivered) };
  return (
    <section className="saved" aria-labelledby={titleId}>
      <h2 id={titleId} className="visually-hidden">
        {text(savingsEditorText.saved)}
      </h2>
      <div className="saved-figure">
        <span className="saved-name">
          {text(savingsEditorText.saved)}
          <button
            type="button"
            className="icon-button small"
            aria-describedby={tipId}
            aria-label={text(savingsEditorText.counterfactual)}
          >
            <Icon name="info" />
          </button>
          <span id={tipId} role="tooltip" className="saved-tip">
            {text(savingsEditorText.counterfactualWhy)}
          </span>
        </span>
        {share === null ? (
          <span className="saved-value">
            <Unknown reason={text(savingsEditorText.unknown)} />
          </span>
        ) : (
          <span className="saved-value">{format.bytes(saved)}</span>
        )}
        <span className="muted">
          {share === null
            ? text(savingsEditorText.unknown)
            : text(savingsEditorText.savedShare, { share: format.share(saved, delivered) })}
        </span>
        <span className="muted">
          {text(savingsEditorText.spanOf, {
            from: format.minute(time.fromMs, zone),
            to: format.minute(time.toMs, zone),
          })}
        </span>
      </div>
      <Facts
        facts={[
          { name: text(savingsEditorText.delivered), value: format.bytes(delivered) },
          { name: text(savingsEditorText.crossed), value: format.bytes(totals.fromOrigin) },
          { name: text(savingsEditorText.fromPeers), value: format.bytes(totals.fromPeers) },
          { name: text(savingsEditorText.fromLocal), value: format.bytes(totals.fromLocal) },
        ]}
      />
      <p>
        {share === null
          ? null
          : office === undefined
            ? text(savingsEditorText.answerAll, values)
            : text(savingsEditorText.answer, { ...values, office: foreign(office.name, 60) })}{' '}
        <span className="muted">{text(savingsEditorText.counterfactualWhy)}</span>
      </p>
    </section>
  );
}
