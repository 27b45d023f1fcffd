'use client';
/** The sign-in providers there are: each with what it has to be told, a check, a form to change it; and a form for another. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { z } from 'zod';
import { ask } from '../../api/client.ts';
import { ProviderCheck, type SignInProvider } from '../../api/schemas.ts';
import { useText } from '../../i18n/I18n.tsx';
import { signInWaysQuery } from '../../session/ways-query.ts';
import { Button } from '../../ui/Button.tsx';
import { Facts } from '../../ui/Facts.tsx';
import { Empty, QueryView, State } from '../../ui/states.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { peopleText } from './messages.ts';
import { ProviderForm } from './ProviderForm.tsx';
import { providersQuery } from './queries.ts';
import { signInText } from './sign-in-messages.ts';
import './people.css';

/** The editor; there is one. */
export function ProvidersEditor({ setTitle }: EditorProps) {
  const text = useText();
  const query = useQuery(providersQuery);
  const title = text(peopleText.providers);
  useEffect(() => setTitle(title), [setTitle, title]);
  return (
    <div className="editor-body people-editor">
      <h1>{title}</h1>
      <p>{text(signInText.intro)}</p>
      <QueryView query={query} what={title}>
        {({ providers, consoleOrigin }) => (
          <>
            {providers.length === 0 ? <Empty sentence={text(signInText.none)} /> : null}
            {providers.map((provider) => (
              <Provider key={provider.id} provider={provider} />
            ))}
            <section>
              <h2>{text(signInText.add)}</h2>
              <ProviderForm consoleOrigin={consoleOrigin} />
            </section>
          </>
        )}
      </QueryView>
    </div>
  );
}

function Provider({ provider }: { provider: SignInProvider }) {
  const text = useText();
  const client = useQueryClient();
  const [isChanging, setIsChanging] = useState(false);
  const [isLeaving, setIsLeaving] = useState(false);
  const [said, setSaid] = useState<{ tone: 'ok' | 'error'; words: string }>();
  const { id, name, kind, url, clientId, enabled, admitGroup, admitRole, returnAddress } = provider;
  const path = `/sign-in-providers/${encodeURIComponent(id)}`;
  const tell = (work: Promise<{ tone: 'ok' | 'error'; words: string } | undefined>) => {
    work.then(setSaid, (error: unknown) => {
      setSaid({ tone: 'error', words: error instanceof Error ? error.message : String(error) });
    });
  };
  const check = async () => {
    const { problem } = await ask(ProviderCheck, `${path}/check`, { method: 'POST' });
    return problem === null
      ? ({ tone: 'ok', words: text(signInText.checked, { name }) } as const)
      : ({ tone: 'error', words: problem } as const);
  };
  const remove = async () => {
    await ask(z.unknown(), path, { method: 'DELETE' });
    await client.invalidateQueries({ queryKey: providersQuery.queryKey });
    await client.invalidateQueries({ queryKey: signInWaysQuery.queryKey });
    return undefined;
  };
  return (
    <section>
      <h2>
        <bdi>{name}</bdi>
      </h2>
      <Facts
        facts={[
          { name: text(signInText.kind), value: text(signInText[kind]) },
          { name: text(signInText.state), value: text(enabled ? signInText.enabled : signInText.disabled) },
          { name: text(signInText.url), value: <bdi>{url}</bdi> },
          { name: text(signInText.clientId), value: <bdi>{clientId}</bdi> },
          { name: text(signInText.returnAddress), value: <code className="shown-once">{returnAddress}</code> },
          {
            name: text(signInText.admits),
            value:
              admitGroup === null || admitRole === null
                ? text(signInText.admitsNobody)
                : text(signInText.admitsGroup, { group: admitGroup, role: text(peopleText[admitRole]) }),
          },
        ]}
      />
      <p className="provider-buttons">
        <Button kind="secondary" run={() => tell(check())}>
          {text(signInText.check)}
        </Button>
        <Button kind="secondary" run={() => setIsChanging(!isChanging)}>
          {text(isChanging ? signInText.giveUp : signInText.change)}
        </Button>
        {isLeaving ? (
          <>
            <Button kind="secondary" run={() => setIsLeaving(false)}>
              {text(signInText.keep)}
            </Button>
            <Button kind="secondary" run={() => tell(remove())}>
              {text(signInText.removeSure)}
            </Button>
          </>
        ) : (
          <Button kind="secondary" run={() => setIsLeaving(true)}>
            {text(signInText.remove)}
          </Button>
        )}
      </p>
      {said === undefined ? null : (
        <p role="status">
          <State tone={said.tone}>{said.words}</State>
        </p>
      )}
      {isChanging ? (
        <ProviderForm
          consoleOrigin={new URL(returnAddress).origin}
          provider={provider}
          done={() => setIsChanging(false)}
        />
      ) : null}
    </section>
  );
}
