'use client';
/** What agents reported, as it comes. The list stands still while somebody reads further down, and says how much is new. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { foldersQuery, officesQuery } from '../../api/queries.ts';
import type { EventRow } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { foreign } from '../../ui/foreign-text.ts';
import { PanelView } from '../../ui/PanelView.tsx';
import { SearchField } from '../../ui/SearchField.tsx';
import { Empty, EmptyFiltered, QueryView, State } from '../../ui/states.tsx';
import { useContextKey, useWorkbench } from '../../workbench/services.tsx';
import { describe, eventKinds } from './describe.ts';
import { EventList, type EventListHandle } from './EventList.tsx';
import { chosenKind, type EventWords, eventFilter, filterKeys, withKind } from './event-filter.ts';
import { countNew, type EventLog, emptyLog } from './event-log.ts';
import { eventLogQuery } from './events-query.ts';
import { eventContext } from './keys.ts';
import { eventsPanelText } from './panel-messages.ts';
import './events.css';

export function EventsPanel() {
  const text = useText();
  const { editors, context } = useWorkbench();
  const query = useQuery(eventLogQuery);
  const live = query.data ?? emptyLog;
  const words = useEventWords();
  const isPaused = useContextKey(eventContext.paused) === true;
  const filter = String(useContextKey(eventContext.filter) ?? '');
  const setFilter = (next: string) => context.set(eventContext.filter, next);
  const list = useRef<EventListHandle>(null);
  const [isAtTop, setIsAtTop] = useState(true);
  const [held, setHeld] = useState<EventLog>();

  const standsStill = isPaused || !isAtTop;
  if (standsStill && held === undefined && query.data !== undefined) setHeld(live);
  if (!standsStill && held !== undefined) setHeld(undefined);

  const matches = useMemo(() => eventFilter(filter, words), [filter, words]);
  const log = held ?? live;
  const shown = useMemo(() => (filter.trim() === '' ? log.events : log.events.filter(matches)), [log, filter, matches]);
  const fresh = useMemo(() => (held === undefined ? 0 : countNew(held, live, matches)), [held, live, matches]);

  useEffect(() => {
    if (query.data !== undefined) context.set(eventContext.seen, query.data);
  }, [context, query.data]);

  const showFresh = () => {
    context.set(eventContext.paused, false);
    setHeld(undefined);
    setIsAtTop(true);
    list.current?.toTop();
  };
  const open = (event: EventRow) =>
    void editors.openAddress(`/a/${encodeURIComponent(event.agentId)}`, { focus: true });

  return (
    <PanelView
      tools={
        <>
          <SearchField
            label={text(eventsPanelText.filter)}
            placeholder={text(eventsPanelText.filterHint)}
            keys={filterKeys}
            value={filter}
            onChange={setFilter}
            result={text(eventsPanelText.shown, { shown: shown.length, total: log.events.length })}
          />
          <KindChoice filter={filter} onChange={setFilter} />
          <IconButton
            icon={isPaused ? 'debug-start' : 'debug-pause'}
            title={text(isPaused ? eventsPanelText.continueList : eventsPanelText.pauseList)}
            command="harp.events.togglePause"
            pressed={isPaused}
            run={() => context.set(eventContext.paused, !isPaused)}
          />
        </>
      }
    >
      <QueryView query={query} what={text(eventsPanelText.what)}>
        {({ events }) => (
          <>
            <Notes log={log} />
            {fresh > 0 || isPaused ? (
              <div className="event-pill">
                <Button icon="arrow-up" run={showFresh}>
                  {isPaused
                    ? text(eventsPanelText.paused, { count: fresh })
                    : text(eventsPanelText.fresh, { count: fresh })}
                </Button>
              </div>
            ) : null}
            {events.length === 0 ? (
              <Empty sentence={text(eventsPanelText.empty)} />
            ) : shown.length === 0 ? (
              <EmptyFiltered
                sentence={text(eventsPanelText.emptyFiltered, { count: log.events.length, filter: foreign(filter) })}
                onClear={() => setFilter('')}
              />
            ) : (
              <EventList ref={list} events={shown} words={words} onOpen={open} onTop={setIsAtTop} />
            )}
          </>
        )}
      </QueryView>
    </PanelView>
  );
}

/** What is missing from the list. */
function Notes({ log }: { log: EventLog }) {
  const text = useText();
  if (!log.gap && !log.full) return null;
  return (
    <div className="notice line">
      {log.gap ? <State tone="warning">{text(eventsPanelText.gap)}</State> : null}
      {log.full ? <State tone="info">{text(eventsPanelText.older, { count: log.events.length })}</State> : null}
    </div>
  );
}

function KindChoice({ filter, onChange }: { filter: string; onChange(filter: string): void }) {
  const text = useText();
  return (
    <label>
      <span className="visually-hidden">{text(eventsPanelText.kinds)}</span>
      <select
        value={chosenKind(filter) ?? ''}
        onChange={({ target }) => onChange(withKind(filter, target.value === '' ? undefined : target.value))}
      >
        <option value="">{text(eventsPanelText.allKinds)}</option>
        {Object.entries(eventKinds).map(([kind, { name }]) => (
          <option key={kind} value={kind}>
            {text(name)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Names and sentences; a sentence is made once per event and language, because filters look at ten thousand. */
function useEventWords(): EventWords {
  const text = useText();
  const format = useFormat();
  const offices = useQuery(officesQuery).data?.offices;
  const folders = useQuery(foldersQuery).data?.folders;
  return useMemo(() => {
    const officeNames = new Map(offices?.map(({ id, name }) => [id, name]));
    const folderNames = new Map(folders?.map(({ id, name }) => [id, name]));
    const said = new WeakMap<EventRow, string>();
    return {
      office: (id) => officeNames.get(id) ?? format.UNKNOWN,
      folder: (id) => (id === null ? '' : (folderNames.get(id) ?? format.UNKNOWN)),
      words(event) {
        const known = said.get(event);
        if (known !== undefined) return known;
        const { message, values } = describe(event);
        const sentence = text(message, values);
        said.set(event, sentence);
        return sentence;
      },
    };
  }, [offices, folders, text, format]);
}
