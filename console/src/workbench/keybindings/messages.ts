import { defineMessages } from '../../i18n/messages.ts';

export const keyMessages = defineMessages(
  'workbench.keys',
  {
    pending: '({key}) was pressed. Waiting for the second key…',
    unknown: 'The key combination ({key}) is not a command.',
    expired: '({key}) was pressed, but no second key followed.',
    disabled: '({key}) {command}: {reason}',
  },
  {
    pending: '({key}) wurde gedrückt. Es wird auf die zweite Taste gewartet…',
    unknown: 'Die Tastenkombination ({key}) ist kein Befehl.',
    expired: '({key}) wurde gedrückt, aber keine zweite Taste folgte.',
    disabled: '({key}) {command}: {reason}',
  },
);
