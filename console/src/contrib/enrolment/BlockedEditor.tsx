'use client';
/** PCs that may not enrol until somebody unblocks them. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import type { BlockSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { cutText } from '../../ui/foreign-text.ts';
import { Empty, QueryView } from '../../ui/states.tsx';
import type { Column } from '../../ui/table/model.ts';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { unblockPc } from './agent-actions.ts';
import { enrolmentEditorText } from './editor-messages.ts';
import { enrolmentText } from './messages.ts';
import { blocksQuery } from './queries.ts';
import './enrolment.css';

const rowKey = ({ id }: BlockSummary) => id;

export default function BlockedEditor({ setTitle }: EditorProps) {
  const text = useText();
  const query = useQuery(blocksQuery);
  const title = text(enrolmentText.blocked);
  useEffect(() => setTitle(title), [setTitle, title]);
  const columns = useColumns();
  return (
    <div className="editor-body enrolment">
      <h1>{title}</h1>
      <QueryView query={query} what={text(enrolmentEditorText.theBlocked)}>
        {({ blocks }) =>
          blocks.length === 0 ? (
            <Empty sentence={text(enrolmentEditorText.noBlocked)} />
          ) : (
            <DataTable
              label={text(enrolmentEditorText.blockedList)}
              columns={columns}
              rows={blocks}
              rowKey={rowKey}
              storageKey="enrolment-blocked"
              maxHeight={560}
            />
          )
        }
      </QueryView>
    </div>
  );
}

function useColumns(): Column<BlockSummary>[] {
  const text = useText();
  const format = useFormat();
  const services = useWorkbench();
  return useMemo(() => {
    const why = ({ reason }: BlockSummary) =>
      text(reason === 'revoked' ? enrolmentEditorText.blockedRevoked : enrolmentEditorText.blockedEnrolment);
    return [
      {
        id: 'hostname',
        title: text(enrolmentEditorText.hostname),
        value: ({ hostname }) => hostname,
        render: ({ hostname }) => <bdi>{cutText(hostname, 120)}</bdi>,
        width: 180,
      },
      { id: 'why', title: text(enrolmentEditorText.blockedWhy), value: why, width: 200 },
      {
        id: 'what',
        title: text(enrolmentEditorText.blockedWhat),
        value: ({ kinds }) => text(kinds.length > 1 ? enrolmentEditorText.blockedBoth : enrolmentEditorText.blockedKey),
        width: 230,
      },
      {
        id: 'by',
        title: text(enrolmentEditorText.blockedBy),
        value: ({ createdBy }) => createdBy,
        render: ({ createdBy }) => <bdi>{cutText(createdBy, 80)}</bdi>,
        width: 140,
      },
      {
        id: 'when',
        title: text(enrolmentEditorText.blockedWhen),
        value: ({ createdAtMs }) => createdAtMs,
        render: ({ createdAtMs }) => format.dateTime(createdAtMs),
        width: 170,
      },
      {
        id: 'actions',
        title: text(enrolmentEditorText.actions),
        value: () => null,
        render: (block) => (
          <Button kind="secondary" run={() => void unblockPc(services, block)}>
            {text(enrolmentEditorText.unblock)}
          </Button>
        ),
        width: 130,
      },
    ];
  }, [text, format, services]);
}
