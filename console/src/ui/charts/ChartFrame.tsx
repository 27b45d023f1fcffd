'use client';
/** The frame of every chart: its question as the title, its unit, its range, and the same as a table and as CSV. */
import { type CSSProperties, Suspense, useId, useState } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { LinkButton } from '../Button.tsx';
import { fileNameOf, saveFile, toCsv } from '../csv.ts';
import { DataTable } from '../DataTable.tsx';
import { messages } from '../messages.ts';
import { Stale } from '../states.tsx';
import { Legend } from './Legend.tsx';
import type { ChartFrameProps } from './model.ts';

const DEFAULT_HEIGHT_PIXELS = 240;

export function ChartFrame<Row>(props: ChartFrameProps<Row>) {
  const { question, unit, ranges, range, onRange, columns, rows, rowKey, csvName, legend, coverage, answer } = props;
  const text = useText();
  const titleId = useId();
  const [asTable, setAsTable] = useState(false);
  const height = props.height ?? DEFAULT_HEIGHT_PIXELS;
  const isEmpty = props.empty !== undefined && rows.length === 0;
  const saveCsv = () => {
    const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ value }) => value(row)))];
    saveFile(`${fileNameOf(csvName)}.csv`, 'text/csv', toCsv(lines));
  };
  return (
    <figure className="chart-frame" aria-labelledby={titleId}>
      <div className="chart-head">
        <figcaption>
          <h2 id={titleId}>{question}</h2>
          <span className="muted">{unit}</span>
        </figcaption>
        <div className="chart-tools">
          {coverage === undefined ? null : <Stale {...coverage} />}
          {isEmpty ? null : (
            <>
              <LinkButton run={() => setAsTable(!asTable)}>
                {text(asTable ? messages.asChart : messages.asTable)}
              </LinkButton>
              <LinkButton run={saveCsv}>{text(messages.saveCsv)}</LinkButton>
            </>
          )}
        </div>
      </div>
      {ranges === undefined ? null : (
        <fieldset className="chart-ranges" aria-label={text(messages.range)}>
          {ranges.map(({ id, label }) => (
            <LinkButton key={id} pressed={id === range} run={() => onRange?.(id)}>
              {label}
            </LinkButton>
          ))}
        </fieldset>
      )}
      {answer === undefined ? null : <div className="chart-answer">{answer}</div>}
      {isEmpty ? (
        props.empty
      ) : asTable ? (
        <DataTable
          label={question}
          columns={columns}
          rows={rows}
          rowKey={rowKey}
          csvName={csvName}
          maxHeight={Math.max(DEFAULT_HEIGHT_PIXELS, height)}
        />
      ) : (
        <>
          {legend === undefined ? null : <Legend items={legend} />}
          <div className="chart" style={{ '--harp-chart-height': `${height}px` } as CSSProperties}>
            <Suspense fallback={<div className="chart-waiting" />}>{props.children}</Suspense>
          </div>
        </>
      )}
    </figure>
  );
}
