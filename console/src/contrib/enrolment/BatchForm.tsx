'use client';
/** The form that makes a batch. */
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { ask } from '../../api/client.ts';
import { officesQuery } from '../../api/queries.ts';
import { Network, TokenCreated, type TokenWish } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { useMay } from '../../session/may.ts';
import { cutText, foreign } from '../../ui/foreign-text.ts';
import { Forbidden, State } from '../../ui/states.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { enrolmentEditorText } from './editor-messages.ts';
import { ChoiceField, FieldRow, TextField, wordsIn } from './fields.tsx';
import { batchInput, editorIds, NEW_BATCH } from './inputs.ts';
import { enrolmentText } from './messages.ts';
import { keepToken } from './new-tokens.ts';
import { isOpenToAll, OpenWarning } from './OpenWarning.tsx';

const DAY_SECONDS = 86_400;

const initial = {
  name: '',
  office: '',
  approval: 'automatic' as 'automatic' | 'manual',
  expected: '50',
  uses: '60',
  days: '7',
  networks: '',
  tags: '',
};

export function BatchForm({ setDirty }: { setDirty(dirty: boolean): void }) {
  const text = useText();
  const { editors } = useWorkbench();
  const offices = useQuery(officesQuery).data?.offices ?? [];
  const [form, setForm] = useState(initial);
  const [refusal, setRefusal] = useState<string>();
  const [isSending, setIsSending] = useState(false);
  const isDirty = form !== initial;
  useEffect(() => setDirty(isDirty), [setDirty, isDirty]);
  const set = (name: keyof typeof initial) => (value: string) => setForm((before) => ({ ...before, [name]: value }));
  const cidrs = wordsIn(form.networks);
  const wrong = cidrs.find((cidr) => !Network.safeParse(cidr).success);
  if (!useMay('enrol.token')) return <Forbidden what={text(enrolmentText.newBatchTitle)} />;

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (wrong !== undefined) return;
    setIsSending(true);
    setRefusal(undefined);
    const wish: TokenWish = {
      name: form.name.trim(),
      ...(form.office === '' ? {} : { office: form.office }),
      ...(form.expected === '' ? {} : { expected: Number(form.expected) }),
      approval: form.approval,
      uses: Number(form.uses),
      expiresInSeconds: Number(form.days) * DAY_SECONDS,
      cidrs,
      tags: wordsIn(form.tags),
    };
    try {
      const { id, token } = await ask(TokenCreated, '/tokens', { method: 'POST', body: wish });
      keepToken(id, token);
      setDirty(false);
      const name = wish.name === '' || wish.name === undefined ? id : wish.name;
      editors.open(batchInput(id, text(enrolmentEditorText.batchTitle, { name })), { focus: true });
      editors.close(`${editorIds.batch}/${NEW_BATCH}`);
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
      setIsSending(false);
    }
  };
  return (
    <form className="enrolment-form" onSubmit={(event) => void submit(event)}>
      <p>{text(enrolmentEditorText.batchIntro)}</p>
      <TextField
        label={text(enrolmentEditorText.batchName)}
        hint={text(enrolmentEditorText.batchNameHint)}
        value={form.name}
        onChange={set('name')}
        maxLength={100}
        required
      />
      <ChoiceField
        label={text(enrolmentEditorText.batchOffice)}
        value={form.office}
        onChange={set('office')}
        choices={[
          { value: '', label: text(enrolmentEditorText.officeNone) },
          ...offices.map(({ name }) => ({ value: name, label: cutText(name, 80) })),
        ]}
      />
      <ChoiceField
        label={text(enrolmentEditorText.approval)}
        value={form.approval}
        onChange={set('approval')}
        choices={[
          { value: 'automatic', label: text(enrolmentEditorText.automatic) },
          { value: 'manual', label: text(enrolmentEditorText.manual) },
        ]}
      />
      <FieldRow>
        <TextField
          label={text(enrolmentEditorText.expectedCount)}
          type="number"
          min={1}
          max={10_000}
          value={form.expected}
          onChange={set('expected')}
        />
        <TextField
          label={text(enrolmentEditorText.uses)}
          type="number"
          min={1}
          max={10_000}
          required
          value={form.uses}
          onChange={set('uses')}
        />
        <TextField
          label={text(enrolmentEditorText.expiresDays)}
          type="number"
          min={1}
          max={30}
          required
          value={form.days}
          onChange={set('days')}
        />
      </FieldRow>
      <TextField
        label={text(enrolmentEditorText.networks)}
        hint={text(enrolmentEditorText.networksHint)}
        value={form.networks}
        onChange={set('networks')}
        invalid={
          wrong === undefined ? undefined : text(enrolmentEditorText.invalidNetwork, { network: foreign(wrong, 60) })
        }
      />
      <TextField
        label={text(enrolmentEditorText.tags)}
        hint={text(enrolmentEditorText.tagsHint)}
        value={form.tags}
        onChange={set('tags')}
      />
      {isOpenToAll({ approval: form.approval, cidrs, uses: Number(form.uses) }) ? <OpenWarning /> : null}
      {refusal === undefined ? null : (
        <span role="alert">
          <State tone="error">{text(enrolmentEditorText.failed, { why: foreign(refusal, 300) })}</State>
        </span>
      )}
      <button type="submit" className="button" disabled={isSending}>
        {text(enrolmentEditorText.make)}
      </button>
    </form>
  );
}
