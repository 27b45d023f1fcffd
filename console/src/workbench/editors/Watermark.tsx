'use client';
/** What stands where no editor is open: the keys that open something; or that an address leads nowhere. */
import { useText } from '../../i18n/I18n.tsx';
import { shellText } from '../messages.ts';
import type { EditorInput, EditorProps } from '../model.ts';
import { useShell } from '../shell-context.tsx';
import { WATERMARK_COMMANDS } from '../watermark-commands.ts';

/** The editor that says that an address leads nowhere. */
export const NOT_FOUND_EDITOR = 'workbench.editor.notFound';

/** Its input: the address is its subject, and stays in the address bar. */
export function notFoundInput(address: string, title: string): EditorInput {
  return { editor: NOT_FOUND_EDITOR, subject: address, title, icon: 'question' };
}

/** Shown while nothing is open. */
export function Watermark() {
  const { services, contributions } = useShell();
  const text = useText();
  const { welcome } = contributions;
  return (
    <div className="watermark">
      <h1 className="visually-hidden">{text(shellText.watermark)}</h1>
      <i className="codicon codicon-organization watermark-mark" aria-hidden="true" />
      {welcome === undefined ? null : (
        <button type="button" className="button" onClick={() => services.editors.open(welcome)}>
          {text(shellText.openStart)}
        </button>
      )}
      <ShortcutList />
    </div>
  );
}

/** Says that nothing has this address, within the workbench: everything else stays as it was. */
export function NotFoundEditor({ input }: EditorProps) {
  const text = useText();
  return (
    <div className="watermark">
      <div role="status">
        <h1>{text(shellText.notFoundTitle)}</h1>
        <p>{text(shellText.notFound, { address: input.subject })}</p>
        <p className="muted">{text(shellText.notFoundHint)}</p>
      </div>
      <ShortcutList />
    </div>
  );
}

function ShortcutList() {
  const { services } = useShell();
  const shown = services.commands.all().filter(({ id, key }) => WATERMARK_COMMANDS.includes(id) && key !== undefined);
  return (
    <dl className="shortcuts">
      {WATERMARK_COMMANDS.flatMap((id) => shown.find((command) => command.id === id) ?? []).map(
        ({ id, title, key }) => (
          <div key={id}>
            <dt>
              <button type="button" className="link-button" onClick={() => void services.commands.run(id)}>
                {title}
              </button>
            </dt>
            <dd>
              <kbd>{key}</kbd>
            </dd>
          </div>
        ),
      )}
    </dl>
  );
}
