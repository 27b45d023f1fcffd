import { defineMessages } from '../../i18n/messages.ts';

export const menuMessages = defineMessages(
  'workbench.menus',
  { label: 'Context menu', nothing: 'Nothing can be done here' },
  { label: 'Kontextmenü', nothing: 'Hier ist nichts zu tun' },
);
