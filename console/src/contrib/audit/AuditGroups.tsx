'use client';
/** The sections of the side bar: days, people and programs, objects. A row opens the log with what it stands for. */
import { useQuery } from '@tanstack/react-query';
import type { AuditGrouping, AuditGroups } from '../../api/schemas.ts';
import type { Format } from '../../i18n/format.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import type { Message } from '../../i18n/messages.ts';
import type { Translate } from '../../i18n/translate.ts';
import { cutText } from '../../ui/foreign-text.ts';
import { Empty, QueryView } from '../../ui/states.tsx';
import { Tree, type TreeNode } from '../../ui/Tree.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { type AuditFilterParams, logInput } from './inputs.ts';
import { auditLogText } from './log-messages.ts';
import { auditText } from './messages.ts';
import { auditGroupsQuery } from './queries.ts';
import { actorIcon, iconOf } from './words.ts';
import './audit.css';

type Group = AuditGroups['groups'][number];

export const ByDay = () => <Groups by="day" title={auditText.byDay} />;
export const ByActor = () => <Groups by="actor" title={auditText.byActor} />;
export const ByObject = () => <Groups by="object" title={auditText.byObject} />;

function Groups({ by, title }: { by: AuditGrouping; title: Message }) {
  const text = useText();
  const format = useFormat();
  const { editors } = useWorkbench();
  const query = useQuery(auditGroupsQuery(by));
  return (
    <QueryView query={query} what={text(auditLogText.theLog)}>
      {({ groups }) =>
        groups.length === 0 ? (
          <Empty sentence={text(auditLogText.nothingYet)} />
        ) : (
          <Tree<AuditFilterParams>
            label={text(title)}
            nodes={groups.map((group) => nodeOf(by, group, text, format))}
            onOpen={({ data }) => {
              if (data !== undefined) editors.open(logInput(text(auditText.log), data));
            }}
          />
        )
      }
    </QueryView>
  );
}

function nodeOf(by: AuditGrouping, group: Group, text: Translate, format: Format): TreeNode<AuditFilterParams> {
  const { key, label, kind, entries, lastAtMs } = group;
  const count = text(auditLogText.entries, { count: entries });
  return {
    id: `${kind ?? ''}/${key}`,
    name: cutText(label, 80),
    icon: by === 'day' ? 'calendar' : by === 'actor' ? actorIcon(kind) : iconOf(kind ?? ''),
    description: count,
    title: `${label}, ${count}, ${format.dateTime(lastAtMs)}`,
    data: { [by]: key },
  };
}
