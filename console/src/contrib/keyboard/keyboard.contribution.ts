/** The shortcut editor: every command with its keys, which people may change. */
import { lazy } from 'react';
import { paramsOf, pathOf, segmentsOf } from '../../workbench/editors/address.ts';
import type { Contribution, EditorInput, WorkbenchServices } from '../../workbench/model.ts';
import { keyboardMessages as messages } from './messages.ts';
import { rowCommandContributions, rowMenuContributions } from './row-commands.ts';

const EDITOR = 'harp.editor.keyboard';
const OPEN = 'workbench.action.openKeyboardShortcuts';
const PATH = 'keyboard-shortcuts';

function inputWith(title: string, params: Readonly<Record<string, string>> = {}): EditorInput {
  return { editor: EDITOR, subject: PATH, title, icon: 'keyboard', params };
}

/** All keys back to their defaults, after a question: what people have trained their fingers to is not lost by a slip. */
async function resetAll({ keybindings, quickInput, notifications, text }: WorkbenchServices): Promise<void> {
  if (keybindings.rules().length === 0) {
    notifications.show({ severity: 'info', source: text(messages.category), message: text(messages.nothingToReset) });
    return;
  }
  const yes = { id: 'yes', label: text(messages.resetAllYes), icon: 'discard', accept: () => {} };
  const no = { id: 'no', label: text(messages.resetAllNo), icon: 'keyboard', accept: () => {} };
  const chosen = await quickInput.pick({ title: text(messages.resetAllQuestion), items: [no, yes] });
  if (chosen === yes) keybindings.resetAll();
}

export const keyboardContribution: Contribution = {
  commands: [
    {
      id: OPEN,
      category: messages.preferences,
      title: messages.open,
      icon: 'keyboard',
      run: ({ editors, text }) => editors.open(inputWith(text(messages.title)), { focus: true }),
    },
    {
      id: 'harp.keyboard.resetAll',
      category: messages.preferences,
      title: messages.resetAll,
      icon: 'discard',
      run: resetAll,
    },
    ...rowCommandContributions,
  ],
  keybindings: [{ command: OPEN, key: 'ctrl+k ctrl+s' }],
  menus: [{ menu: 'manage', command: OPEN, group: '2_preferences', order: 20 }, ...rowMenuContributions],
  editors: [
    {
      id: EDITOR,
      component: lazy(async () => ({ default: (await import('./KeyboardEditor.tsx')).KeyboardEditor })),
      path: {
        build: ({ params }) => pathOf([PATH], params),
        parse: (path, query) =>
          segmentsOf(path)?.join('/') === PATH ? inputWith(messages.title.en, paramsOf(query)) : undefined,
      },
    },
  ],
};
