'use client';
/** PCs that asked to be let in: what they say of themselves, where they would go and why; selected ones are approved, assigned, rejected or blocked. */
import { useQuery } from '@tanstack/react-query';
import { useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react';
import { EnrolmentState, type EnrolmentSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import type { Message } from '../../i18n/messages.ts';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { cutText, foreign } from '../../ui/foreign-text.ts';
import { SearchField } from '../../ui/SearchField.tsx';
import { Empty, EmptyFiltered, QueryView, State } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { enrolmentEditorText } from './editor-messages.ts';
import { enrolmentText } from './messages.ts';
import { enrolmentsQuery } from './queries.ts';
import { LIST_FOCUS, setSelected } from './selection.ts';
import { twinText } from './twin-messages.ts';
import { causeWords, officeWhyWords, officeWords, states, viaWords } from './words.ts';
import './enrolment.css';

const ALL = 'all';
const rowKey = ({ id }: EnrolmentSummary) => id;
const noSelection: ReadonlySet<string> = new Set();

export default function WaitingEditor({ params, setParams, setTitle }: EditorProps) {
  const text = useText();
  const { commands } = useWorkbench();
  const state = params.state === ALL ? undefined : (EnrolmentState.safeParse(params.state).data ?? 'waiting');
  const search = params.search ?? '';
  const token = params.token;
  const isQueue = state === 'waiting';
  const title = text(isQueue ? enrolmentText.waitingTitle : enrolmentEditorText.recentTitle);
  useEffect(() => setTitle(title), [setTitle, title]);
  const query = useQuery(enrolmentsQuery({ state, token, search: useDeferredValue(search) }));
  const choose = (next: Record<string, string | undefined>) =>
    setParams(
      Object.fromEntries(
        Object.entries({ ...params, ...next }).flatMap(([name, value]) =>
          value === undefined || value === '' ? [] : [[name, value] as const],
        ),
      ),
    );
  return (
    <div className="editor-body enrolment">
      <h1>{title}</h1>
      <div className="enrolment-filter">
        <SearchField
          label={text(enrolmentEditorText.search)}
          placeholder={text(enrolmentEditorText.search)}
          value={search}
          onChange={(next) => choose({ search: next })}
          result={query.data === undefined ? '' : text(enrolmentEditorText.found, { count: query.data.total })}
        />
        <label className="enrolment-inline">
          {text(enrolmentEditorText.showState)}
          <select
            className="field"
            value={state ?? ALL}
            onChange={({ target }) => choose({ state: target.value === 'waiting' ? undefined : target.value })}
          >
            <option value={ALL}>{text(enrolmentEditorText.stateAll)}</option>
            {EnrolmentState.options.map((each) => (
              <option key={each} value={each}>
                {text(states[each].name)}
              </option>
            ))}
          </select>
        </label>
        {token === undefined ? null : (
          <span className="chip">
            {text(enrolmentEditorText.token)}: <bdi>{cutText(token, 40)}</bdi>{' '}
            <LinkButton run={() => choose({ token: undefined })}>✕</LinkButton>
          </span>
        )}
      </div>
      <QueryView query={query} what={text(enrolmentEditorText.thePcs)}>
        {({ enrolments, total }) =>
          enrolments.length > 0 ? (
            <Rows rows={enrolments} total={total} isQueue={isQueue} />
          ) : search !== '' ? (
            <EmptyFiltered
              sentence={text(enrolmentEditorText.noMatch, { search: foreign(search, 80) })}
              onClear={() => choose({ search: undefined })}
            />
          ) : (
            <Empty
              sentence={text(isQueue ? enrolmentEditorText.noneWaits : enrolmentEditorText.noneAsked)}
              action={{
                label: text(enrolmentText.newBatch),
                run: () => void commands.run('harp.enrolment.newBatch'),
              }}
            />
          )
        }
      </QueryView>
    </div>
  );
}

interface RowsProps {
  rows: readonly EnrolmentSummary[];
  total: number;
  isQueue: boolean;
}

const buttons: readonly { command: string; label: Message; icon: string }[] = [
  { command: 'harp.enrolment.approve', label: enrolmentEditorText.approve, icon: 'check' },
  { command: 'harp.enrolment.assign', label: enrolmentEditorText.assign, icon: 'organization' },
  { command: 'harp.enrolment.reject', label: enrolmentEditorText.reject, icon: 'close' },
  { command: 'harp.enrolment.block', label: enrolmentEditorText.block, icon: 'circle-slash' },
];

function Rows({ rows, total, isQueue }: RowsProps) {
  const text = useText();
  const services = useWorkbench();
  const [chosen, setChosen] = useState(noSelection);
  // Those that were decided of leave the list, and with it the selection.
  const present = useMemo(() => rows.filter(({ id }) => chosen.has(id)), [rows, chosen]);
  const selection = useMemo(() => new Set(present.map(rowKey)), [present]);
  useEffect(() => {
    setSelected(services, present);
  }, [services, present]);
  useEffect(
    () => () => {
      setSelected(services, []);
      services.context.set(LIST_FOCUS, undefined);
    },
    [services],
  );
  const columns = useColumns(isQueue);
  const select = useCallback((keys: ReadonlySet<string>) => setChosen(keys), []);
  const waiting = present.filter(({ state }) => state === 'waiting').length;
  const reason = waiting === 0 ? text(enrolmentText.selectFirst) : undefined;
  return (
    <>
      <div className="enrolment-actions">
        {buttons.map(({ command, label, icon }, place) => (
          <Button
            key={command}
            kind={place === 0 ? 'primary' : 'secondary'}
            icon={icon}
            disabledReason={reason}
            run={() => void services.commands.run(command)}
          >
            {text(label)}
          </Button>
        ))}
        <LinkButton run={() => select(new Set(rows.map(rowKey)))}>{text(enrolmentEditorText.selectAll)}</LinkButton>
        <span className="muted" role="status">
          {text(enrolmentEditorText.selected, { count: selection.size })}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: hears whether the list inside has the focus */}
      <div
        onFocus={({ target }) =>
          services.context.set(LIST_FOCUS, target.closest('[role="grid"]') !== null || undefined)
        }
        onBlur={() => services.context.set(LIST_FOCUS, undefined)}
      >
        <DataTable
          label={text(enrolmentEditorText.waitingList)}
          columns={columns}
          rows={rows}
          rowKey={rowKey}
          storageKey={isQueue ? 'enrolment' : 'enrolment-all'}
          csvName="enrolment"
          hidesCount
          maxHeight={620}
          selection={selection}
          onSelect={select}
          onContextMenu={(_, at) => services.menus.openContext('enrolment/context', at)}
        />
      </div>
      {rows.length < total ? (
        <p className="muted">{text(enrolmentEditorText.shownOf, { shown: rows.length, total })}</p>
      ) : null}
    </>
  );
}

function useColumns(isQueue: boolean): Column<EnrolmentSummary>[] {
  const text = useText();
  const format = useFormat();
  return useMemo(() => {
    const said = (
      id: string,
      title: Message,
      value: (row: EnrolmentSummary) => string | null,
      width: number,
      hidden = false,
    ) => ({
      id,
      title: text(title),
      value,
      render: (row: EnrolmentSummary) => <bdi>{cutText(value(row) ?? format.UNKNOWN, 120)}</bdi>,
      width,
      hidden,
    });
    const state: Column<EnrolmentSummary> = {
      id: 'state',
      title: text(enrolmentEditorText.state),
      value: (row) => text(states[row.state].name),
      render: ({ state: is }) => (
        <State tone={states[is].tone} icon={states[is].icon}>
          {text(states[is].name)}
        </State>
      ),
      width: 120,
    };
    return [
      said('hostname', enrolmentEditorText.hostname, ({ hostname }) => hostname, 160),
      ...(isQueue ? [] : [state]),
      {
        id: 'cause',
        title: text(enrolmentEditorText.cause),
        value: (row) => reasonOf(row, text),
        render: (row) => (
          <State
            {...(row.duplicateOf !== null || row.cause === 'enrolment.code_mismatch'
              ? { tone: 'warning' }
              : { tone: 'unknown', icon: row.needsCode ? 'key' : 'clockface' })}
          >
            {reasonOf(row, text)}
          </State>
        ),
        width: 270,
      },
      said('office', enrolmentEditorText.office, (row) => officeWords(row, text), 120),
      said('why', enrolmentEditorText.why, (row) => officeWhyWords(row, text), 190),
      said('user', enrolmentEditorText.user, ({ userName }) => userName, 110),
      said('serial', enrolmentEditorText.serial, ({ serial }) => serial, 120),
      said('address', enrolmentEditorText.address, ({ seenAddress }) => seenAddress, 130),
      said('via', enrolmentEditorText.viaColumn, ({ via }) => viaWords(via, text), 110),
      {
        id: 'asked',
        title: text(enrolmentEditorText.asked),
        value: ({ createdAtMs }) => createdAtMs,
        render: ({ createdAtMs }) => format.ago(createdAtMs),
        width: 120,
      },
      said('domain', enrolmentEditorText.domain, ({ domain }) => domain, 140, true),
      said('token', enrolmentEditorText.token, ({ tokenName, tokenId }) => tokenName || tokenId, 140, isQueue),
      said('hardware', enrolmentEditorText.hardware, ({ hardwareId }) => hardwareId?.slice(0, 16) ?? null, 150, true),
      said('decidedBy', enrolmentEditorText.decidedBy, ({ decidedBy }) => decidedBy, 120, isQueue),
    ];
  }, [text, format, isQueue]);
}

/** Who has the same hardware says more than that somebody has. */
function reasonOf({ cause, duplicateOf }: EnrolmentSummary, text: ReturnType<typeof useText>): string {
  if (duplicateOf === null) return causeWords(cause, text);
  const message = duplicateOf.online ? twinText.duplicateOnline : twinText.duplicate;
  return text(message, { name: foreign(duplicateOf.hostname, 60) });
}
