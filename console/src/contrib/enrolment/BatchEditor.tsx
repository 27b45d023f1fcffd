'use client';
/** A batch of PCs that enrol with one token: the form that makes it, the token once, what to run on PCs, and how far they are. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { z } from 'zod';
import { ask } from '../../api/client.ts';
import type { TokenSummary } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { useMay } from '../../session/may.ts';
import { Button } from '../../ui/Button.tsx';
import { cutText } from '../../ui/foreign-text.ts';
import { ErrorNotice, QueryView, State } from '../../ui/states.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import { BatchForm } from './BatchForm.tsx';
import { DeployTabs } from './DeployTabs.tsx';
import { attempt, tell } from './decide.ts';
import { enrolmentEditorText } from './editor-messages.ts';
import { Funnel } from './Funnel.tsx';
import { listInput, NEW_BATCH } from './inputs.ts';
import { enrolmentText } from './messages.ts';
import { isOpenToAll, OpenWarning } from './OpenWarning.tsx';
import { tokensQuery } from './queries.ts';
import { batchName, tokenStateWords } from './words.ts';
import './enrolment.css';

const WEEK_SECONDS = 7 * 86_400;

export default function BatchEditor({ input, setTitle, setDirty }: EditorProps) {
  const text = useText();
  const isNew = input.subject === NEW_BATCH;
  const tokens = useQuery({ ...tokensQuery, enabled: !isNew });
  const token = tokens.data?.tokens.find(({ id }) => id === input.subject);
  const title = isNew
    ? text(enrolmentText.newBatchTitle)
    : text(enrolmentEditorText.batchTitle, {
        name: token === undefined ? cutText(input.subject, 40) : batchName(token),
      });
  useEffect(() => setTitle(title), [setTitle, title]);
  return (
    <div className="editor-body enrolment">
      <h1>{title}</h1>
      {isNew ? (
        <BatchForm setDirty={setDirty} />
      ) : (
        <QueryView query={tokens} what={text(enrolmentEditorText.theBatch)}>
          {() => (token === undefined ? <Missing /> : <Batch token={token} />)}
        </QueryView>
      )}
    </div>
  );
}

function Missing() {
  const text = useText();
  return <ErrorNotice error={new Error('404')} what={text(enrolmentEditorText.theBatch)} />;
}

function Batch({ token }: { token: TokenSummary }) {
  const text = useText();
  const services = useWorkbench();
  const isOpen = token.state === 'usable';
  return (
    <>
      <Facts token={token} />
      <Funnel token={token} />
      {isOpen ? <DeployTabs batch={token.id} /> : null}
      <div className="enrolment-actions">
        <Button
          kind="secondary"
          icon="list-selection"
          run={() =>
            services.editors.open(listInput(text(enrolmentEditorText.recentTitle), { state: 'all', token: token.id }))
          }
        >
          {text(enrolmentEditorText.openPcs)}
        </Button>
        {useMay('enrol.token') && token.state !== 'revoked' ? <Ways token={token} /> : null}
      </div>
    </>
  );
}

/** What can be done with a batch that is not closed. */
function Ways({ token }: { token: TokenSummary }) {
  const text = useText();
  const format = useFormat();
  const services = useWorkbench();
  const path = `/tokens/${encodeURIComponent(token.id)}`;
  const extend = () =>
    attempt(services, async () => {
      const { expiresAtMs } = await ask(z.object({ expiresAtMs: z.int() }), `${path}/extend`, {
        method: 'POST',
        body: { expiresInSeconds: WEEK_SECONDS },
      });
      tell(services, 'info', text(enrolmentEditorText.didExtend, { when: format.dateTime(expiresAtMs) }));
    });
  const close = () =>
    attempt(services, async () => {
      const accept = () => {};
      const sure = await services.quickInput.pick({
        title: text(enrolmentEditorText.closeSure),
        items: [
          { id: 'keep', label: text(enrolmentEditorText.keep), icon: 'close', accept },
          { id: 'close', label: text(enrolmentEditorText.closeBatch), icon: 'lock', accept },
        ],
      });
      if (sure?.id !== 'close') return;
      await ask(z.unknown(), path, { method: 'DELETE' });
      tell(services, 'info', text(enrolmentEditorText.didClose));
    });
  return (
    <>
      <Button kind="secondary" icon="calendar" run={() => void extend()}>
        {text(enrolmentEditorText.extend)}
      </Button>
      <Button kind="secondary" icon="lock" run={() => void close()}>
        {text(enrolmentEditorText.closeBatch)}
      </Button>
    </>
  );
}

function Facts({ token }: { token: TokenSummary }) {
  const text = useText();
  const format = useFormat();
  const { approval, cidrs, expiresAtMs, office, state, tags, used, uses } = token;
  const facts: [string, string][] = [
    [
      text(enrolmentEditorText.approval),
      text(approval === 'automatic' ? enrolmentEditorText.automatic : enrolmentEditorText.manual),
    ],
    [text(enrolmentEditorText.office), office === null ? text(enrolmentEditorText.unassigned) : cutText(office, 80)],
    [
      text(enrolmentEditorText.fromNetworks),
      cidrs.length === 0 ? text(enrolmentEditorText.everywhere) : cidrs.join(', '),
    ],
    [text(enrolmentEditorText.ends), format.dateTime(expiresAtMs)],
    ...(tags.length === 0 ? [] : [[text(enrolmentEditorText.tags), tags.join(', ')] as [string, string]]),
  ];
  return (
    <section aria-label={text(enrolmentEditorText.facts)}>
      <p>
        <State tone={state === 'usable' ? 'ok' : 'unknown'} icon={state === 'usable' ? 'pass' : 'lock'}>
          {tokenStateWords(token, text)}
        </State>{' '}
        <span className="muted">{text(enrolmentEditorText.usedOf, { used, uses })}</span>
      </p>
      {state === 'usable' && isOpenToAll(token) ? <OpenWarning /> : null}
      <dl className="enrolment-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
