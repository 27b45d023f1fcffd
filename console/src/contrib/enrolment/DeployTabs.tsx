'use client';
/** The token of a batch, while this page still has it, and what to run on PCs. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import type { Message } from '../../i18n/messages.ts';
import { Button } from '../../ui/Button.tsx';
import { copyText } from '../../ui/copy-text.ts';
import { QueryView, State } from '../../ui/states.tsx';
import { TabStrip } from '../../ui/TabStrip.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { tell } from './decide.ts';
import { type DeployKind, deployKinds, deployText, TOKEN_PLACE } from './deploy.ts';
import { deployMessages } from './deploy-messages.ts';
import { tokenOf } from './new-tokens.ts';
import { serverQuery } from './queries.ts';

const ways: Readonly<Record<DeployKind, { label: Message; what: Message }>> = {
  linux: { label: deployMessages.deployLinux, what: deployMessages.linuxWhat },
  powershell: { label: deployMessages.deployPowerShell, what: deployMessages.powerShellWhat },
  file: { label: deployMessages.deployFile, what: deployMessages.fileWhat },
  test: { label: deployMessages.deployTest, what: deployMessages.testWhat },
};

export function DeployTabs({ batch }: { batch: string }) {
  const text = useText();
  const query = useQuery(serverQuery);
  const token = tokenOf(batch);
  const [kind, setKind] = useState<DeployKind>('linux');
  const [isShown, setIsShown] = useState(false);
  const copy = useCopy();
  // Over somebody's shoulder nobody reads a token that is not shown; copying takes the real one.
  const masked = isShown ? (token ?? TOKEN_PLACE) : token === undefined ? TOKEN_PLACE : mask(token);
  return (
    <section>
      <h2>{text(deployMessages.deploy)}</h2>
      {token === undefined ? (
        <p className="muted">{text(deployMessages.tokenGone)}</p>
      ) : (
        <div className="enrolment-token">
          <State tone="warning" icon="key">
            {text(deployMessages.tokenOnce)}
          </State>
          <output className="code enrolment-secret" data-token={isShown ? 'shown' : 'masked'}>
            {masked}
          </output>
          <div className="enrolment-actions">
            <Button icon="copy" run={() => void copy(token)}>
              {text(deployMessages.copyToken)}
            </Button>
            <Button kind="secondary" icon={isShown ? 'eye-closed' : 'eye'} run={() => setIsShown(!isShown)}>
              {text(isShown ? deployMessages.hideToken : deployMessages.showToken)}
            </Button>
          </div>
        </div>
      )}
      <QueryView query={query} what={text(deployMessages.deploy)}>
        {(server) => (
          <TabStrip
            label={text(deployMessages.deploy)}
            tabs={deployKinds.map((id) => ({ id, label: text(ways[id].label) }))}
            active={kind}
            onSelect={(id) => setKind(deployKinds.find((each) => each === id) ?? 'linux')}
          >
            <p>{text(ways[kind].what)}</p>
            <pre className="code enrolment-commands">{deployText(kind, masked, server)}</pre>
            <div className="enrolment-actions">
              <Button
                kind="secondary"
                icon="copy"
                run={() => void copy(deployText(kind, token ?? TOKEN_PLACE, server))}
              >
                {text(deployMessages.copy)}
              </Button>
            </div>
          </TabStrip>
        )}
      </QueryView>
    </section>
  );
}

/** The beginning, which is no secret, and dots. */
function mask(token: string): string {
  return `${token.slice(0, 6)}${'•'.repeat(12)}`;
}

function useCopy(): (words: string) => Promise<void> {
  const services = useWorkbench();
  return async (words) => {
    const message = (await copyText(words)) ? deployMessages.copied : deployMessages.notCopied;
    tell(services, 'info', services.text(message));
  };
}
