'use client';
/** The sections of the side bar: who waits, batches, rules, who is blocked. A row opens the editor that shows more. */
import { useQuery } from '@tanstack/react-query';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { useMay } from '../../session/may.ts';
import { cutText, foreign } from '../../ui/foreign-text.ts';
import { Empty, type EmptyAction, QueryView } from '../../ui/states.tsx';
import { Tree } from '../../ui/Tree.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { enrolmentEditorText } from './editor-messages.ts';
import { batchInput, blockedInput, listInput, NEW_BATCH, rulesInput } from './inputs.ts';
import { enrolmentText } from './messages.ts';
import { blocksQuery, enrolmentsQuery, rulesQuery, tokensQuery } from './queries.ts';
import './enrolment.css';
import { batchName, officeWords, tokenStateWords } from './words.ts';

/** Rows of a section: more are in the editor. */
const LISTED = 200;

export function WaitingView() {
  const text = useText();
  const format = useFormat();
  const { editors } = useWorkbench();
  const query = useQuery(enrolmentsQuery({ state: 'waiting' }));
  const begin = useNewBatch();
  const open = (search?: string) =>
    editors.open(listInput(text(enrolmentText.waitingTitle), search === undefined ? {} : { search }));
  return (
    <QueryView query={query} what={text(enrolmentEditorText.thePcs)}>
      {({ enrolments, total }) =>
        enrolments.length === 0 ? (
          <Empty sentence={text(enrolmentEditorText.noneWaits)} {...(begin === undefined ? {} : { action: begin })} />
        ) : (
          <Tree<string>
            label={text(enrolmentText.waiting)}
            nodes={[
              ...enrolments.slice(0, LISTED).map((row) => ({
                id: row.id,
                name: cutText(row.hostname, 80),
                icon: row.duplicateOf === null ? 'vm' : 'copy',
                tone: row.duplicateOf === null ? undefined : ('warning' as const),
                description: officeWords(row, text),
                title: text(enrolmentEditorText.waits, {
                  name: foreign(row.hostname, 80),
                  since: format.ago(row.createdAtMs),
                  office: foreign(officeWords(row, text), 80),
                }),
                data: row.hostname,
              })),
              ...(total > LISTED
                ? [{ id: 'more', name: text(enrolmentEditorText.more, { count: total - LISTED }), icon: 'ellipsis' }]
                : []),
            ]}
            onOpen={({ data }) => open(data)}
          />
        )
      }
    </QueryView>
  );
}

export function BatchesView() {
  const text = useText();
  const { editors } = useWorkbench();
  const query = useQuery(tokensQuery);
  const begin = useNewBatch();
  return (
    <QueryView query={query} what={text(enrolmentEditorText.theBatches)}>
      {({ tokens }) =>
        tokens.length === 0 ? (
          <Empty sentence={text(enrolmentEditorText.noBatches)} {...(begin === undefined ? {} : { action: begin })} />
        ) : (
          <Tree<string>
            label={text(enrolmentText.batches)}
            nodes={tokens.map((token) => ({
              id: token.id,
              name: batchName(token),
              icon: 'key',
              description: [
                text(enrolmentEditorText.progress, { used: token.used, expected: token.expected ?? token.uses }),
                tokenStateWords(token, text),
              ].join(' · '),
              data: token.id,
            }))}
            onOpen={({ data, name }, { preview }) => {
              if (data !== undefined)
                editors.open(batchInput(data, text(enrolmentEditorText.batchTitle, { name })), { preview });
            }}
          />
        )
      }
    </QueryView>
  );
}

export function RulesView() {
  const text = useText();
  const { editors } = useWorkbench();
  const query = useQuery(rulesQuery);
  const open = (rule?: string) =>
    editors.open(rulesInput(text(enrolmentText.rules), rule === undefined ? {} : { rule }));
  return (
    <QueryView query={query} what={text(enrolmentEditorText.theRules)}>
      {({ rules }) =>
        rules.length === 0 ? (
          <Empty
            sentence={text(enrolmentEditorText.noRules)}
            action={{ label: text(enrolmentEditorText.newRule), run: () => open(NEW_BATCH) }}
          />
        ) : (
          <Tree<string>
            label={text(enrolmentText.rules)}
            nodes={rules.map(({ id, name, enabled, pausedAtMs, pausedCause, perMinute, used }) => ({
              id,
              name: cutText(name, 80),
              icon: pausedAtMs !== null ? 'debug-pause' : enabled ? 'checklist' : 'circle-slash',
              tone: pausedAtMs !== null ? ('warning' as const) : undefined,
              description:
                pausedAtMs === null
                  ? enabled
                    ? text(enrolmentEditorText.letIn, { used })
                    : text(enrolmentEditorText.ruleOff)
                  : text(pausedCause === 'cap' ? enrolmentEditorText.pausedCap : enrolmentEditorText.pausedRate, {
                      limit: perMinute,
                    }),
              data: id,
            }))}
            onOpen={({ data }) => open(data)}
          />
        )
      }
    </QueryView>
  );
}

export function BlockedView() {
  const text = useText();
  const { editors } = useWorkbench();
  const query = useQuery(blocksQuery);
  return (
    <QueryView query={query} what={text(enrolmentEditorText.theBlocked)}>
      {({ blocks }) =>
        blocks.length === 0 ? (
          <Empty sentence={text(enrolmentEditorText.noBlocked)} />
        ) : (
          <Tree
            label={text(enrolmentText.blocked)}
            nodes={blocks.map(({ id, hostname, createdBy }) => ({
              id,
              name: cutText(hostname, 80),
              icon: 'circle-slash',
              description: cutText(createdBy, 60),
            }))}
            onOpen={() => editors.open(blockedInput(text(enrolmentText.blocked)))}
          />
        )
      }
    </QueryView>
  );
}

/** The way to a new batch, for those who may make one. */
function useNewBatch(): EmptyAction | undefined {
  const text = useText();
  const { commands } = useWorkbench();
  if (!useMay('enrol.token')) return undefined;
  return { label: text(enrolmentText.newBatch), run: () => void commands.run('harp.enrolment.newBatch') };
}
