/** One's own account, from the account menu: password, second factor, sessions, API keys. */
import { lazy } from 'react';
import { pathOf, segmentsOf } from '../../workbench/editors/address.ts';
import type { Contribution, EditorInput } from '../../workbench/model.ts';
import { accountText } from './messages.ts';

const EDITOR = 'harp.editor.account';
const OPEN = 'harp.account.open';
const PATH = 'account';

const inputWith = (title: string): EditorInput => ({ editor: EDITOR, subject: PATH, title, icon: 'account' });

export const accountContribution: Contribution = {
  commands: [
    {
      id: OPEN,
      category: accountText.category,
      title: accountText.open,
      icon: 'account',
      run: ({ editors, text }) => editors.open(inputWith(text(accountText.title)), { focus: true }),
    },
  ],
  menus: [{ menu: 'account', command: OPEN, group: '1_account', order: 1 }],
  editors: [
    {
      id: EDITOR,
      component: lazy(async () => ({ default: (await import('./AccountEditor.tsx')).AccountEditor })),
      path: {
        build: () => pathOf([PATH]),
        parse: (path) => (segmentsOf(path)?.join('/') === PATH ? inputWith(accountText.title.en) : undefined),
      },
    },
  ],
};
