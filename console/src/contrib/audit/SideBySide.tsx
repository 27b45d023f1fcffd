'use client';
/** Two sides of a change as lines of JSON. Each row says in words what colour and sign say, so that nobody needs to see them. */
import { useMemo } from 'react';
import type { AuditDetail } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { foreign } from '../../ui/foreign-text.ts';
import { type DiffRow, diffLines, linesOf } from './line-diff.ts';
import { auditLogText } from './log-messages.ts';

const signs = { same: ' ', changed: '~', removed: '−', added: '+' } as const;

const kindText = {
  same: auditLogText.lineSame,
  changed: auditLogText.lineChanged,
  removed: auditLogText.lineRemoved,
  added: auditLogText.lineAdded,
} as const;

export function SideBySide({ before, after }: Pick<AuditDetail, 'before' | 'after'>) {
  const text = useText();
  const rows = useMemo(() => {
    const secret = { set: text(auditLogText.secretSet), changed: text(auditLogText.secretChanged) };
    return diffLines(linesOf(before, secret), linesOf(after, secret));
  }, [before, after, text]);
  if (before === null && after === null) return <p className="muted">{text(auditLogText.noFields)}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="audit-diff" tabIndex={0} aria-label={text(auditLogText.beforeAndAfter)}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">{text(auditLogText.line)}</span>
            </th>
            <th scope="col">{before === null ? text(auditLogText.didNotExist) : text(auditLogText.before)}</th>
            <th scope="col">
              <span className="visually-hidden">{text(auditLogText.line)}</span>
            </th>
            <th scope="col">{after === null ? text(auditLogText.isGone) : text(auditLogText.after)}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={`${row.before?.line ?? ''}/${row.after?.line ?? ''}`} row={row} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ row: { kind, before, after } }: { row: DiffRow }) {
  const text = useText();
  const words = kind === 'same' ? null : <span className="visually-hidden">{text(kindText[kind])}: </span>;
  return (
    <tr className={kind}>
      <td className="audit-line">{before?.line}</td>
      <td className={before === undefined ? 'audit-none' : 'audit-before'}>
        {before === undefined ? null : (
          <>
            {words}
            <span aria-hidden="true">{kind === 'added' ? ' ' : signs[kind]} </span>
            {foreign(before.text)}
          </>
        )}
      </td>
      <td className="audit-line">{after?.line}</td>
      <td className={after === undefined ? 'audit-none' : 'audit-after'}>
        {after === undefined ? null : (
          <>
            {before === undefined ? words : null}
            <span aria-hidden="true">{kind === 'removed' ? ' ' : signs[kind]} </span>
            {foreign(after.text)}
          </>
        )}
      </td>
    </tr>
  );
}
