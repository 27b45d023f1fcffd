'use client';
/** The log: what it is filtered by, the entries, how far it is signed, and a check of all of it in this browser. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { officesQuery } from '../../api/queries.ts';
import type { AuditItem, AuditPage } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { cutText, foreign } from '../../ui/foreign-text.ts';
import { Icon } from '../../ui/Icon.tsx';
import { Empty, EmptyFiltered, QueryView, State } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { type AuditFilterParams, chosen, entryInput } from './inputs.ts';
import { auditLogText } from './log-messages.ts';
import { auditText } from './messages.ts';
import { auditGroupsQuery, auditLogQuery } from './queries.ts';
import { VerifyAudit } from './VerifyAudit.tsx';
import { actionWords, actorWords, iconOf, knownActions } from './words.ts';
import './audit.css';

export default function AuditLogEditor({ params, setParams, setTitle }: EditorProps) {
  const text = useText();
  const { editors } = useWorkbench();
  const title = text(auditText.log);
  useEffect(() => setTitle(title), [setTitle, title]);
  const filter: AuditFilterParams = chosen(params);
  const log = useInfiniteQuery(auditLogQuery(filter));
  const columns = useColumns();
  const rows = useMemo(() => log.data?.pages.flatMap(({ items }) => items) ?? [], [log.data]);
  const choose = (next: AuditFilterParams) => setParams(chosen({ ...filter, ...next }));
  const isFiltered = Object.keys(filter).length > 0;

  return (
    <div className="editor-body audit">
      <h1>{title}</h1>
      <Filters filter={filter} choose={choose} objectName={rows[0]?.object.name} />
      <QueryView query={log} what={text(auditLogText.theLog)}>
        {({ pages }) => (
          <>
            <Signed page={pages[0]} />
            {rows.length === 0 ? (
              isFiltered ? (
                <EmptyFiltered sentence={text(auditLogText.noMatch)} onClear={() => setParams({})} />
              ) : (
                <Empty sentence={text(auditLogText.nothingYet)} />
              )
            ) : (
              <>
                <DataTable
                  label={text(auditLogText.list)}
                  columns={columns}
                  rows={rows}
                  rowKey={keyOf}
                  storageKey="audit"
                  csvName="audit"
                  hidesCount
                  maxHeight={560}
                  onOpen={({ seq }) => editors.open(entryInput(seq, text(auditLogText.entryNumber, { seq })))}
                />
                <div className="audit-more">
                  <span className="muted">
                    {text(auditLogText.shown, { shown: rows.length, total: pages[0]?.entries ?? 0 })}
                  </span>
                  {log.hasNextPage ? (
                    <Button kind="secondary" run={() => void log.fetchNextPage()}>
                      {text(auditLogText.older)}
                    </Button>
                  ) : null}
                </div>
              </>
            )}
            <section>
              <h2>{text(auditLogText.verification)}</h2>
              <VerifyAudit />
            </section>
          </>
        )}
      </QueryView>
    </div>
  );
}

const keyOf = ({ seq }: AuditItem) => String(seq);

/** How much of the log a signature stands behind. */
function Signed({ page }: { page: AuditPage | undefined }) {
  const text = useText();
  if (page === undefined || page.entries === 0) return null;
  const { entries, signedSeq } = page;
  return (
    <p className="audit-signed">
      {signedSeq === 0 ? (
        <State tone="unknown" icon="unverified">
          {text(auditLogText.neverSigned)}
        </State>
      ) : signedSeq >= entries ? (
        <State tone="ok" icon="verified">
          {text(auditLogText.signed, { seq: signedSeq })}
        </State>
      ) : (
        <State tone="info" icon="verified">
          {text(auditLogText.unsigned, { seq: signedSeq, count: entries - signedSeq })}
        </State>
      )}
    </p>
  );
}

interface FiltersProps {
  filter: AuditFilterParams;
  choose(next: AuditFilterParams): void;
  /** What the entries that are shown call the object; a filter knows its id alone. */
  objectName: string | undefined;
}

function Filters({ filter, choose, objectName }: FiltersProps) {
  const text = useText();
  const actors = useQuery(auditGroupsQuery('actor')).data?.groups ?? [];
  const { actor = '', action = '', object, day = '' } = filter;
  // One that is chosen stays among the choices, also when nobody of this name did anything lately.
  const names = [...new Set([...actors.map(({ key }) => key), ...(actor === '' ? [] : [actor])])];
  const actions = [...new Set([...knownActions, ...(action === '' ? [] : [action])])];
  return (
    <search className="audit-filters" aria-label={text(auditLogText.filter)}>
      <label>
        {text(auditLogText.actorFilter)}
        <select className="field" value={actor} onChange={({ target }) => choose({ actor: target.value })}>
          <option value="">{text(auditLogText.anybody)}</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {cutText(name, 60)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {text(auditLogText.actionFilter)}
        <select className="field" value={action} onChange={({ target }) => choose({ action: target.value })}>
          <option value="">{text(auditLogText.anything)}</option>
          {actions.map((each) => (
            <option key={each} value={each}>
              {actionWords(each, text)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {text(auditLogText.dayFilter)}
        <input className="field" type="date" value={day} onChange={({ target }) => choose({ day: target.value })} />
      </label>
      {object === undefined ? null : (
        <span className="chip">
          <bdi>{text(auditLogText.objectIs, { object: foreign(objectName ?? object, 60) })}</bdi>{' '}
          <LinkButton run={() => choose({ object: '' })}>{text(auditLogText.clearObject)}</LinkButton>
        </span>
      )}
    </search>
  );
}

function useColumns(): Column<AuditItem>[] {
  const text = useText();
  const format = useFormat();
  const offices = useQuery(officesQuery).data?.offices;
  return useMemo(() => {
    const names = new Map(offices?.map(({ id, name }) => [id, name]));
    return [
      {
        id: 'when',
        title: text(auditLogText.when),
        value: ({ atMs }) => atMs,
        render: ({ atMs }) => format.dateTime(atMs),
        width: 170,
      },
      {
        id: 'what',
        title: text(auditLogText.what),
        value: ({ action }) => actionWords(action, text),
        render: ({ action, object }) => (
          <>
            <Icon name={iconOf(object.kind)} /> {actionWords(action, text)}
          </>
        ),
        width: 210,
      },
      {
        id: 'object',
        title: text(auditLogText.object),
        value: ({ object }) => object.name,
        render: ({ object }) => <bdi>{cutText(object.name, 120)}</bdi>,
        width: 240,
      },
      {
        id: 'who',
        title: text(auditLogText.who),
        value: ({ by }) => actorWords(by, text),
        render: ({ by }) => <bdi>{cutText(actorWords(by, text), 120)}</bdi>,
        width: 220,
      },
      {
        id: 'office',
        title: text(auditLogText.office),
        value: ({ officeId }) => (officeId === null ? '' : (names.get(officeId) ?? officeId)),
        width: 140,
      },
      {
        id: 'number',
        title: text(auditLogText.number),
        value: ({ seq }) => seq,
        render: ({ seq }) => format.count(seq),
        align: 'end',
        width: 90,
      },
      {
        id: 'request',
        title: text(auditLogText.request),
        value: ({ requestId }) => requestId,
        width: 160,
        hidden: true,
      },
    ];
  }, [text, format, offices]);
}
