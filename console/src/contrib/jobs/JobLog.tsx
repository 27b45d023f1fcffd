'use client';
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef } from 'react';
import { jobLogQuery } from '../../api/queries.ts';
import type { Job, LogLine } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { IconButton } from '../../ui/Button.tsx';
import { Empty, QueryView, State } from '../../ui/states.tsx';
import { jobTitle } from './describe.ts';
import { jobsText } from './messages.ts';

/** Code at 13 px, without the room that things to click need. */
const LINE_PIXELS = 20;

/** What one job said, newest last. */
export function JobLog({ job, close }: { job: Job; close(): void }) {
  const text = useText();
  const query = useQuery(jobLogQuery(job.id));
  const title = text(jobsText.log, { job: jobTitle(job, text) });
  return (
    <section className="job-log" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <IconButton icon="close" title={text(jobsText.closeLog)} run={close} />
      </header>
      <QueryView query={query} what={text(jobsText.logWhat)}>
        {({ lines, gap }) => (
          <>
            {gap ? <State tone="info">{text(jobsText.logGap)}</State> : null}
            {lines.length === 0 ? <Empty sentence={text(jobsText.logEmpty)} /> : <Lines label={title} lines={lines} />}
          </>
        )}
      </QueryView>
    </section>
  );
}

function Lines({ label, lines }: { label: string; lines: readonly LogLine[] }) {
  const format = useFormat();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PIXELS,
  });
  const last = lines.at(-1)?.seq;
  useLayoutEffect(() => {
    if (last !== undefined && scroller.current !== null) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, [last]);
  return (
    <div
      ref={scroller}
      className="job-lines code"
      role="log"
      aria-live="off"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const line = lines[index];
          return line === undefined ? null : (
            <div key={key} className={`job-line ${line.level}`} style={{ transform: `translateY(${start}px)` }}>
              <span className="muted">{format.time(line.atMs)}</span>
              <span className="muted">{line.level}</span>
              <span dir="auto">{line.message}</span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
