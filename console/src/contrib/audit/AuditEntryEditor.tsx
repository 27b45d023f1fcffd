'use client';
/** One entry: who, what, from where, and both sides of the change beside each other. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { officesQuery } from '../../api/queries.ts';
import type { AuditDetail } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { cutText, foreign } from '../../ui/foreign-text.ts';
import { QueryView } from '../../ui/states.tsx';
import { Toolbar } from '../../ui/Toolbar.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { addressOfObject, entryInput, logInput } from './inputs.ts';
import { auditLogText } from './log-messages.ts';
import { auditText } from './messages.ts';
import { auditEntryQuery } from './queries.ts';
import { SideBySide } from './SideBySide.tsx';
import { actionWords } from './words.ts';
import './audit.css';

export default function AuditEntryEditor({ input, setTitle }: EditorProps) {
  const text = useText();
  const query = useQuery(auditEntryQuery(input.subject));
  const title = text(auditLogText.entryNumber, { seq: Number(input.subject) });
  useEffect(() => setTitle(title), [setTitle, title]);
  return (
    <div className="editor-body audit">
      <QueryView query={query} what={text(auditLogText.theEntry)}>
        {(entry) => <Entry entry={entry} />}
      </QueryView>
    </div>
  );
}

function Entry({ entry }: { entry: AuditDetail }) {
  const text = useText();
  const { editors } = useWorkbench();
  const { seq, action, object } = entry;
  const address = addressOfObject(object);
  const other = (number: number) => editors.open(entryInput(number, text(auditLogText.entryNumber, { seq: number })));
  return (
    <>
      <h1>
        {actionWords(action, text)}: <bdi>{cutText(object.name, 200)}</bdi>
      </h1>
      <Toolbar label={text(auditLogText.entryNumber, { seq })}>
        {address === undefined ? null : (
          <Button kind="secondary" icon="go-to-file" run={() => void editors.openAddress(address, { focus: true })}>
            {text(auditLogText.openObject, { object: foreign(object.name, 40) })}
          </Button>
        )}
        <Button
          kind="secondary"
          icon="history"
          run={() => editors.open(logInput(text(auditText.log), { object: object.id }))}
        >
          {text(auditLogText.showSame)}
        </Button>
        {seq > 1 ? (
          <Button kind="secondary" icon="arrow-left" run={() => other(seq - 1)}>
            {text(auditLogText.previousEntry)}
          </Button>
        ) : null}
        <Button kind="secondary" icon="arrow-right" run={() => other(seq + 1)}>
          {text(auditLogText.nextEntry)}
        </Button>
      </Toolbar>
      <EntryFacts entry={entry} />
      <section>
        <h2>{text(auditLogText.beforeAndAfter)}</h2>
        <SideBySide before={entry.before} after={entry.after} />
      </section>
    </>
  );
}

function EntryFacts({ entry }: { entry: AuditDetail }) {
  const text = useText();
  const format = useFormat();
  const offices = useQuery(officesQuery).data?.offices;
  const { seq, atMs, by, action, officeId, requestId, address, link } = entry;
  const office = offices?.find(({ id }) => id === officeId)?.name ?? officeId;
  const who =
    by.kind === 'system'
      ? text(auditLogText.byServer)
      : by.kind === 'api-key'
        ? `${text(auditLogText.byKey)}: ${by.name}`
        : by.name;
  return (
    <Facts
      layout="list"
      facts={[
        { name: text(auditLogText.when), value: format.dateTime(atMs), title: new Date(atMs).toISOString() },
        {
          name: text(auditLogText.who),
          value: (
            <>
              <bdi>{cutText(who, 200)}</bdi>
              {by.operator === null ? null : (
                <span className="muted"> · {text(auditLogText.claims, { operator: foreign(by.operator, 120) })}</span>
              )}
            </>
          ),
          title: by.id ?? undefined,
        },
        { name: text(auditLogText.what), value: <span className="code">{action}</span> },
        {
          name: text(auditLogText.office),
          value: office === null ? format.UNKNOWN : <bdi>{cutText(office, 100)}</bdi>,
        },
        { name: text(auditLogText.address), value: <span className="code">{address ?? format.UNKNOWN}</span> },
        { name: text(auditLogText.request), value: <span className="code">{requestId ?? format.UNKNOWN}</span> },
        { name: text(auditLogText.number), value: format.count(seq) },
        { name: text(auditLogText.link), value: <span className="code audit-link">{link}</span> },
      ]}
    />
  );
}
