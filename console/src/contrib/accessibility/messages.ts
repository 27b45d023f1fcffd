import { defineMessages } from '../../i18n/messages.ts';

/** What commands of the accessibility help are called. */
export const helpText = defineMessages(
  'accessibility',
  {
    category: 'Help',
    open: 'Open Accessibility Help',
  },
  {
    category: 'Hilfe',
    open: 'Hilfe zur Barrierefreiheit öffnen',
  },
);
