'use client';
/** The form for one rule, with what it would let in of the PCs that wait, as it is being written. */
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useMemo, useState } from 'react';
import { ask } from '../../api/client.ts';
import { officesQuery } from '../../api/queries.ts';
import { Network, type RuleRequest, RuleSummary } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import type { Message } from '../../i18n/messages.ts';
import { Button } from '../../ui/Button.tsx';
import { cutText, foreign } from '../../ui/foreign-text.ts';
import { QueryView, State } from '../../ui/states.tsx';
import { enrolmentEditorText } from './editor-messages.ts';
import { ChoiceField, FieldRow, TextField, wordsIn } from './fields.tsx';
import { allWaitingQuery, tokensQuery } from './queries.ts';
import { type NotWhy, previewRule } from './rule-preview.ts';
import { twinText } from './twin-messages.ts';
import { batchName } from './words.ts';

/** A rule as fields hold it. */
interface Written {
  name: string;
  enabled: boolean;
  tokenId: string;
  networks: string;
  hostname: string;
  domain: string;
  officeId: string;
  tags: string;
  cap: string;
  perMinute: string;
  from: string;
  until: string;
}

function writtenOf(rule: RuleSummary | undefined): Written {
  return {
    name: rule?.name ?? '',
    enabled: rule?.enabled ?? true,
    tokenId: rule?.tokenId ?? '',
    networks: rule?.cidrs.join(' ') ?? '',
    hostname: rule?.hostname ?? '',
    domain: rule?.domain ?? '',
    officeId: rule?.officeId ?? '',
    tags: rule?.tags.join(' ') ?? '',
    cap: rule?.cap?.toString() ?? '',
    perMinute: String(rule?.perMinute ?? 20),
    from: localTime(rule?.validFromMs ?? null),
    until: localTime(rule?.validUntilMs ?? null),
  };
}

function requestOf(form: Written): RuleRequest {
  const orNull = (text: string) => (text.trim() === '' ? null : text.trim());
  return {
    name: form.name.trim(),
    enabled: form.enabled,
    tokenId: orNull(form.tokenId),
    cidrs: wordsIn(form.networks),
    hostname: orNull(form.hostname),
    domain: orNull(form.domain),
    officeId: orNull(form.officeId),
    tags: wordsIn(form.tags),
    cap: form.cap === '' ? null : Number(form.cap),
    perMinute: Number(form.perMinute),
    validFromMs: instantOf(form.from),
    validUntilMs: instantOf(form.until),
  };
}

/** An instant as the browser's field for it wants it, in the reader's time zone. */
function localTime(atMs: number | null): string {
  if (atMs === null) return '';
  const at = new Date(atMs);
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function instantOf(text: string): number | null {
  const at = Date.parse(text);
  return text === '' || Number.isNaN(at) ? null : at;
}

export interface RuleFormProps {
  /** The rule that is changed; a new one when there is none. */
  rule: RuleSummary | undefined;
  done(): void;
  setDirty(dirty: boolean): void;
}

export function RuleForm({ rule, done, setDirty }: RuleFormProps) {
  const text = useText();
  const offices = useQuery(officesQuery).data?.offices ?? [];
  const tokens = useQuery(tokensQuery).data?.tokens ?? [];
  const [initial] = useState(() => writtenOf(rule));
  const [form, setForm] = useState(initial);
  const [refusal, setRefusal] = useState<string>();
  const isDirty = form !== initial;
  useEffect(() => setDirty(isDirty), [setDirty, isDirty]);
  const set = (name: Exclude<keyof Written, 'enabled'>) => (value: string) =>
    setForm((before) => ({ ...before, [name]: value }));
  const request = useMemo(() => requestOf(form), [form]);
  const wrong = request.cidrs.find((cidr) => !Network.safeParse(cidr).success);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (wrong !== undefined) return;
    setRefusal(undefined);
    try {
      const path = rule === undefined ? '/enrolment-rules' : `/enrolment-rules/${encodeURIComponent(rule.id)}`;
      await ask(RuleSummary, path, { method: rule === undefined ? 'POST' : 'PUT', body: request });
      done();
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };
  const { tokenId, cidrs, hostname, domain } = request;
  const isUnconditional = tokenId === null && cidrs.length === 0 && hostname === null && domain === null;
  return (
    <form className="enrolment-form" onSubmit={(event) => void submit(event)}>
      <h2>
        {rule === undefined
          ? text(enrolmentEditorText.newRule)
          : text(enrolmentEditorText.editRule, { name: foreign(rule.name, 60) })}
      </h2>
      <TextField
        label={text(enrolmentEditorText.ruleName)}
        value={form.name}
        onChange={set('name')}
        maxLength={100}
        required
      />
      <ChoiceField
        label={text(enrolmentEditorText.ruleToken)}
        value={form.tokenId}
        onChange={set('tokenId')}
        choices={[
          { value: '', label: text(enrolmentEditorText.anyToken) },
          ...tokens
            .filter(({ id, state }) => state !== 'revoked' || id === form.tokenId)
            .map((token) => ({ value: token.id, label: batchName(token) })),
        ]}
      />
      <TextField
        label={text(enrolmentEditorText.networks)}
        hint={text(enrolmentEditorText.networksHint)}
        value={form.networks}
        onChange={set('networks')}
        invalid={
          wrong === undefined ? undefined : text(enrolmentEditorText.invalidNetwork, { network: foreign(wrong, 60) })
        }
      />
      <FieldRow>
        <TextField
          label={text(enrolmentEditorText.ruleHost)}
          hint={text(enrolmentEditorText.ruleHostHint)}
          value={form.hostname}
          onChange={set('hostname')}
          maxLength={255}
        />
        <TextField
          label={text(enrolmentEditorText.ruleDomain)}
          value={form.domain}
          onChange={set('domain')}
          maxLength={253}
        />
      </FieldRow>
      <ChoiceField
        label={text(enrolmentEditorText.ruleOffice)}
        value={form.officeId}
        onChange={set('officeId')}
        choices={[
          { value: '', label: text(enrolmentEditorText.officeBySubnet) },
          ...offices.map(({ id, name }) => ({ value: id, label: cutText(name, 80) })),
        ]}
      />
      <TextField
        label={text(enrolmentEditorText.tags)}
        hint={text(enrolmentEditorText.tagsHint)}
        value={form.tags}
        onChange={set('tags')}
      />
      <FieldRow>
        <TextField
          label={text(enrolmentEditorText.ruleCap)}
          type="number"
          min={1}
          max={100_000}
          value={form.cap}
          onChange={set('cap')}
        />
        <TextField
          label={text(enrolmentEditorText.rulePerMinute)}
          type="number"
          min={1}
          max={1000}
          required
          value={form.perMinute}
          onChange={set('perMinute')}
        />
      </FieldRow>
      <FieldRow>
        <TextField
          label={text(enrolmentEditorText.ruleFrom)}
          type="datetime-local"
          value={form.from}
          onChange={set('from')}
        />
        <TextField
          label={text(enrolmentEditorText.ruleUntil)}
          type="datetime-local"
          value={form.until}
          onChange={set('until')}
        />
      </FieldRow>
      <label className="enrolment-check">
        <input
          type="checkbox"
          checked={form.enabled}
          onChange={({ target }) => setForm((before) => ({ ...before, enabled: target.checked }))}
        />
        {text(enrolmentEditorText.ruleEnabled)}
      </label>
      {isUnconditional ? (
        <p className="enrolment-warning" role="status">
          <State tone="warning">{text(enrolmentEditorText.warnEverything)}</State>
        </p>
      ) : null}
      <Preview request={request} rule={rule} />
      {refusal === undefined ? null : (
        <span role="alert">
          <State tone="error">{text(enrolmentEditorText.failed, { why: foreign(refusal, 300) })}</State>
        </span>
      )}
      <div className="enrolment-actions">
        <button type="submit" className="button">
          {text(enrolmentEditorText.save)}
        </button>
        <Button kind="secondary" run={done}>
          {text(enrolmentEditorText.cancel)}
        </Button>
      </div>
    </form>
  );
}

const whys: Readonly<Record<NotWhy, Message>> = {
  token: enrolmentEditorText.whyToken,
  network: enrolmentEditorText.whyNetwork,
  hostname: enrolmentEditorText.whyHostname,
  domain: enrolmentEditorText.whyDomain,
  cap: enrolmentEditorText.whyCap,
  validity: enrolmentEditorText.whyValidity,
  paused: enrolmentEditorText.whyPaused,
  disabled: enrolmentEditorText.whyDisabled,
  code: enrolmentEditorText.whyCode,
  duplicate: twinText.whyDuplicate,
};
/** Names of those it would let in. */
const NAMED = 8;

function Preview({ request, rule }: { request: RuleRequest; rule: RuleSummary | undefined }) {
  const text = useText();
  const query = useQuery(allWaitingQuery);
  return (
    <QueryView query={query} what={text(enrolmentEditorText.thePcs)}>
      {(waiting) => {
        const kept = rule === undefined ? {} : { used: rule.used, pausedAtMs: rule.pausedAtMs };
        const { matched, not, total } = previewRule({ ...request, ...kept }, waiting, Date.now());
        if (total === 0) return <p className="muted">{text(enrolmentEditorText.previewNone)}</p>;
        return (
          <div className="enrolment-preview" role="status">
            <State tone={matched.length === 0 ? 'unknown' : 'info'} icon="eye">
              {text(enrolmentEditorText.preview, { matched: matched.length, total })}
            </State>
            {not.map(({ why, count }) => (
              <span key={why} className="muted">
                {text(enrolmentEditorText.previewNot, { count, why: text(whys[why]) })}
              </span>
            ))}
            {matched.length === 0 ? null : (
              <span>
                <bdi>
                  {matched
                    .slice(0, NAMED)
                    .map(({ hostname }) => cutText(hostname, 40))
                    .join(', ')}
                </bdi>
                {matched.length > NAMED ? ` ${text(enrolmentEditorText.more, { count: matched.length - NAMED })}` : ''}
              </span>
            )}
          </div>
        );
      }}
    </QueryView>
  );
}
