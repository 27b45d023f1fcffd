'use client';
/** Settings of a user or of the server, as a form, as JSON, or both: two sides of one value. */
import { useEffect } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { Button, LinkButton } from '../../ui/Button.tsx';
import { Forbidden, State } from '../../ui/states.tsx';
import { TabStrip } from '../../ui/TabStrip.tsx';
import type { EditorProps } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import type { Scope } from './drafts.ts';
import { JsonSide } from './JsonSide.tsx';
import { type Mode, modes } from './keys.ts';
import { settingsText } from './messages.ts';
import { SettingsForm } from './SettingsForm.tsx';
import { type ScopeView, useScope } from './use-scope.ts';
import './settings.css';

const scopeText = { user: settingsText.user, server: settingsText.server } as const;
const modeText = { form: settingsText.form, json: settingsText.json, both: settingsText.both } as const;

export default function SettingsEditor({ params, setParams, setTitle, setDirty }: EditorProps) {
  const text = useText();
  const { settings } = useWorkbench();
  const scope: Scope = params.scope === 'server' ? 'server' : 'user';
  const mode = modes.find((each) => each === params.view) ?? 'form';
  const user = useScope('user');
  const server = useScope('server');
  const view = scope === 'user' ? user : server;
  const title = text(settingsText.title);
  useEffect(() => setTitle(title), [setTitle, title]);
  const isDirty = user.draft !== undefined || server.draft !== undefined;
  useEffect(() => setDirty(isDirty), [setDirty, isDirty]);
  const change = (next: Record<string, string>) => setParams({ ...params, ...next });

  return (
    <div className="settings-editor">
      <h1 className="visually-hidden">{title}</h1>
      <TabStrip
        label={text(settingsText.scopes)}
        tabs={(['user', 'server'] as const).map((id) => ({ id, label: text(scopeText[id]) }))}
        active={scope}
        onSelect={(id) => change({ scope: id })}
      >
        {settings.canWrite(scope) ? (
          <>
            <Notices scope={scope} view={view} mode={mode} onMode={(next) => change({ view: next })} />
            <div className={`settings-sides ${mode}`}>
              {mode === 'json' ? null : (
                <SettingsForm
                  scope={scope}
                  view={view}
                  query={params.q ?? ''}
                  onQuery={(q) => change({ q })}
                  onShowError={() => change({ view: mode === 'form' ? 'json' : mode })}
                />
              )}
              {mode === 'form' ? null : <JsonSide scope={scope} view={view} />}
            </div>
          </>
        ) : (
          <Forbidden what={text(settingsText.forbidden)} neededRole={text(settingsText.ownerRole)} />
        )}
      </TabStrip>
    </div>
  );
}

interface NoticesProps {
  scope: Scope;
  view: ScopeView;
  mode: Mode;
  onMode(mode: Mode): void;
}

/** How the settings are shown, and what is to be known of the draft. */
function Notices({ view, mode, onMode }: NoticesProps) {
  const text = useText();
  const { commands } = useWorkbench();
  const key = commands.keyFor('harp.settings.save');
  return (
    <div className="settings-bar">
      <fieldset aria-label={text(settingsText.modes)}>
        {modes.map((each) => (
          <LinkButton key={each} pressed={each === mode} run={() => onMode(each)}>
            {text(modeText[each])}
          </LinkButton>
        ))}
      </fieldset>
      {view.draft === undefined ? null : (
        <span className="settings-draft" role="status">
          <State tone="info" icon="circle-filled">
            {key === undefined ? text(settingsText.dirtyNoKey) : text(settingsText.dirty, { key })}
          </State>
          <Button run={() => void commands.run('harp.settings.save')}>{text(settingsText.saveNow)}</Button>
          <LinkButton run={view.discard}>{text(settingsText.discard)}</LinkButton>
        </span>
      )}
      {view.isConflict ? (
        <div className="notice line" role="alert">
          <State tone="warning" icon="git-compare">
            {text(settingsText.conflict)}
          </State>
          <Button
            kind="secondary"
            run={view.rebase}
            disabledReason={view.read.ok ? undefined : text(settingsText.fixSyntax)}
          >
            {text(settingsText.rebase)}
          </Button>
          <LinkButton run={view.discard}>{text(settingsText.discardMine)}</LinkButton>
        </div>
      ) : null}
    </div>
  );
}
