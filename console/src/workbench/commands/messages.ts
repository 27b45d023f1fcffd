import { defineMessages } from '../../i18n/messages.ts';

export const commandMessages = defineMessages(
  'workbench.commands',
  {
    label: '{category}: {title}',
    notNow: 'Not available here',
    cannotRun: '{command}: {reason}',
    failed: '{command} failed: {cause}',
    unknownCause: 'unknown cause',
    keysNotLoaded: 'Your keyboard shortcuts could not be loaded; the defaults apply for now. {cause}',
    keysNotSaved: 'Your keyboard shortcuts could not be saved; the change is lost when this page is left. {cause}',
    keysPartlyRefused: 'Some of your keyboard shortcuts cannot be read and are left out.',
    keys: 'Keyboard Shortcuts',
  },
  {
    label: '{category}: {title}',
    notNow: 'Hier nicht verfügbar',
    cannotRun: '{command}: {reason}',
    failed: '{command} ist fehlgeschlagen: {cause}',
    unknownCause: 'Ursache unbekannt',
    keysNotLoaded:
      'Die eigenen Tastenkombinationen konnten nicht geladen werden; vorerst gelten die Standards. {cause}',
    keysNotSaved:
      'Die eigenen Tastenkombinationen konnten nicht gespeichert werden; die Änderung geht beim Verlassen der Seite verloren. {cause}',
    keysPartlyRefused: 'Einige eigene Tastenkombinationen sind nicht lesbar und bleiben unbeachtet.',
    keys: 'Tastenkombinationen',
  },
);
