/** Leaving, as a command of the account menu. */
import { z } from 'zod';
import { ask } from '../api/client.ts';
import type { Contribution } from '../workbench/model.ts';
import { sessionText } from './messages.ts';

export const sessionContribution: Contribution = {
  commands: [
    {
      id: 'session.signOut',
      category: sessionText.account,
      title: sessionText.signOut,
      icon: 'sign-out',
      async run() {
        await ask(z.unknown(), '/session', { method: 'DELETE' });
        // The page of the next user begins from nothing.
        window.location.assign('/');
      },
    },
  ],
  menus: [{ menu: 'account', command: 'session.signOut', group: '9_session', order: 1 }],
};
