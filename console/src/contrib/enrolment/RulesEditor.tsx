'use client';
/** The rules in the order they are tried, and the form for one of them. The first that matches decides. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { z } from 'zod';
import { ask } from '../../api/client.ts';
import { RuleList, RuleSummary } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { Button, IconButton } from '../../ui/Button.tsx';
import { cutText } from '../../ui/foreign-text.ts';
import { Empty, QueryView, State } from '../../ui/states.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { attempt } from './decide.ts';
import { enrolmentEditorText } from './editor-messages.ts';
import { NEW_BATCH } from './inputs.ts';
import { enrolmentText } from './messages.ts';
import { rulesQuery } from './queries.ts';
import { RuleForm } from './RuleForm.tsx';
import './enrolment.css';

export default function RulesEditor({ params, setParams, setTitle, setDirty }: EditorProps) {
  const text = useText();
  const query = useQuery(rulesQuery);
  const title = text(enrolmentText.rules);
  useEffect(() => setTitle(title), [setTitle, title]);
  const edit = (rule: string) => setParams({ rule });
  const done = () => {
    setDirty(false);
    setParams({});
  };
  return (
    <div className="editor-body enrolment">
      <h1>{title}</h1>
      <QueryView query={query} what={text(enrolmentEditorText.theRules)}>
        {({ rules }) => {
          const rule = rules.find(({ id }) => id === params.rule);
          const isNew = params.rule === NEW_BATCH;
          return (
            <>
              {rules.length === 0 ? (
                <Empty
                  sentence={text(enrolmentEditorText.noRules)}
                  {...(isNew
                    ? {}
                    : { action: { label: text(enrolmentEditorText.newRule), run: () => edit(NEW_BATCH) } })}
                />
              ) : (
                <>
                  <ol className="enrolment-rules" aria-label={title}>
                    {rules.map((each) => (
                      <Row key={each.id} rule={each} rules={rules} edit={() => edit(each.id)} />
                    ))}
                  </ol>
                  <Button
                    icon="add"
                    kind={isNew || rule !== undefined ? 'secondary' : 'primary'}
                    run={() => edit(NEW_BATCH)}
                  >
                    {text(enrolmentEditorText.newRule)}
                  </Button>
                </>
              )}
              {isNew || rule !== undefined ? (
                <RuleForm key={rule?.id ?? NEW_BATCH} rule={rule} done={done} setDirty={setDirty} />
              ) : null}
            </>
          );
        }}
      </QueryView>
    </div>
  );
}

interface RowProps {
  rule: RuleSummary;
  rules: readonly RuleSummary[];
  edit(): void;
}

function Row({ rule, rules, edit }: RowProps) {
  const text = useText();
  const services = useWorkbench();
  const { id, position, name, enabled, pausedAtMs, pausedCause, perMinute, used } = rule;
  const path = `/enrolment-rules/${encodeURIComponent(id)}`;
  const send = (work: () => Promise<unknown>) => () =>
    void attempt(services, async () => {
      await work();
    });
  const move = (by: 1 | -1) => {
    const ids = rules.map((each) => each.id).filter((each) => each !== id);
    ids.splice(position + by, 0, id);
    return ask(RuleList, '/enrolment-rules/order', { method: 'PUT', body: { ids } });
  };
  const label = (message: string) => `${message}: ${cutText(name, 60)}`;
  return (
    <li>
      <div className="enrolment-rule">
        <strong>
          <bdi>{cutText(name, 100)}</bdi>
        </strong>
        {pausedAtMs === null ? (
          <State tone={enabled ? 'ok' : 'unknown'} icon={enabled ? 'pass' : 'circle-slash'}>
            {text(enabled ? enrolmentEditorText.ruleOn : enrolmentEditorText.ruleOff)}
          </State>
        ) : (
          <State tone="warning" icon="debug-pause">
            {text(pausedCause === 'cap' ? enrolmentEditorText.pausedCap : enrolmentEditorText.pausedRate, {
              limit: perMinute,
            })}
          </State>
        )}
        <span className="muted">{text(enrolmentEditorText.letIn, { used })}</span>
        <span className="enrolment-conditions">
          <bdi>{conditionsOf(rule).join(' · ') || text(enrolmentEditorText.everything)}</bdi>
        </span>
        <span className="enrolment-rule-actions">
          {pausedAtMs === null ? null : (
            <Button icon="play" run={send(() => ask(RuleSummary, `${path}/resume`, { method: 'POST' }))}>
              {text(enrolmentEditorText.resume)}
            </Button>
          )}
          {position === 0 ? null : (
            <IconButton icon="arrow-up" title={label(text(enrolmentEditorText.moveUp))} run={send(() => move(-1))} />
          )}
          {position === rules.length - 1 ? null : (
            <IconButton icon="arrow-down" title={label(text(enrolmentEditorText.moveDown))} run={send(() => move(1))} />
          )}
          <IconButton icon="edit" title={label(text(enrolmentEditorText.edit))} run={edit} />
          <IconButton
            icon="trash"
            title={label(text(enrolmentEditorText.remove))}
            run={send(() => ask(z.unknown(), path, { method: 'DELETE' }))}
          />
        </span>
      </div>
    </li>
  );
}

/** What a rule asks for, as it was written. */
function conditionsOf({ cidrs, hostname, domain, cap, officeName }: RuleSummary): string[] {
  return [
    ...cidrs,
    ...(hostname === null ? [] : [hostname]),
    ...(domain === null ? [] : [`@${domain}`]),
    ...(cap === null ? [] : [`≤ ${cap}`]),
    ...(officeName === null ? [] : [`→ ${officeName}`]),
  ].map((each) => cutText(each, 80));
}
