'use client';
/** The accessibility help: which keys work where the focus is, and how to get elsewhere. */
import { useEffect, useId, useRef } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { Button } from '../../ui/Button.tsx';
import { KeyHint } from '../../ui/KeyHint.tsx';
import type { ShownCommand } from '../../workbench/model.ts';
import { useWorkbench } from '../../workbench/services.tsx';
import './accessibility.css';
import { helpDialogText } from './dialog-messages.ts';
import { help } from './help-state.ts';
import type { HelpPlace } from './place.ts';
import { commonCommands, type KeyLine, partCommands, partTitles, widgetTopics } from './topics.ts';

export default function HelpDialog({ place }: { place: HelpPlace }) {
  const { commands } = useWorkbench();
  const text = useText();
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // What had the focus gets it back when the dialog closes, not when it merely disappears.
    return () => element?.close();
  }, []);
  const here = partCommands[place.part];
  const known = (ids: readonly string[]) => ids.flatMap((id) => commands.get(id) ?? []);
  const topic = place.widget === undefined ? undefined : widgetTopics[place.widget];
  return (
    <dialog
      ref={dialog}
      className="accessibility-help"
      aria-modal="true"
      aria-labelledby={titleId}
      onClose={() => help.show(undefined)}
    >
      <header>
        <h2 id={titleId}>{text(helpDialogText.title, { place: text(partTitles[place.part]) })}</h2>
        <Button kind="secondary" run={() => dialog.current?.close()}>
          {text(helpDialogText.close)}
        </Button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className="accessibility-help-body" tabIndex={0} role="document" aria-labelledby={titleId}>
        <p>{text(helpDialogText.intro)}</p>
        {topic === undefined ? null : (
          <>
            <h3>{text(topic.title)}</h3>
            <Keys lines={topic.keys} />
            {topic.note === undefined ? null : <p>{text(topic.note)}</p>}
          </>
        )}
        <h3>{text(helpDialogText.here)}</h3>
        <CommandKeys commands={known(here)} />
        <h3>{text(helpDialogText.everywhere)}</h3>
        <CommandKeys commands={known(commonCommands.filter((id) => !here.includes(id)))} />
        <p>{text(helpDialogText.announcements)}</p>
        <p>{text(helpDialogText.looks)}</p>
      </div>
    </dialog>
  );
}

function Keys({ lines }: { lines: readonly KeyLine[] }) {
  const { keybindings } = useWorkbench();
  const text = useText();
  return (
    <dl>
      {lines.map(({ keys, named, does }) => (
        <div key={does.id}>
          <dt>{text(does)}</dt>
          <dd>
            {named === undefined ? null : text(named)}
            {keys.map((key) => (
              <KeyHint key={key} keys={keybindings.label(key)} />
            ))}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function CommandKeys({ commands }: { commands: readonly ShownCommand[] }) {
  const text = useText();
  return (
    <dl>
      {commands.map(({ id, label, key }) => (
        <div key={id}>
          <dt>{label}</dt>
          <dd>
            {key === undefined ? <span className="muted">{text(helpDialogText.noKey)}</span> : <KeyHint keys={key} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}
