import { defineMessages } from '../i18n/messages.ts';

/** What is said of ways to sign in besides a password. */
export const otherWaysText = defineMessages(
  'session.ways',
  {
    otherWays: 'Other ways to sign in',
    passkey: 'Sign in with a passkey',
    passkeyGivenUp: 'The device was asked, and showed no passkey. Try again, or sign in another way.',
    provider: 'Sign in with {name}',
    providerInstead: 'Use {name} instead of a password',
    needsInvitation: 'Enter the invitation first.',
    returning: 'The sign-in is being finished…',
    returnFailed: 'Signing in did not work',
    goOn: 'Go on',
  },
  {
    otherWays: 'Andere Wege zur Anmeldung',
    passkey: 'Mit Passkey anmelden',
    passkeyGivenUp:
      'Das Gerät wurde gefragt und zeigte keinen Passkey vor. Noch einmal versuchen oder anders anmelden.',
    provider: 'Mit {name} anmelden',
    providerInstead: '{name} statt eines Passworts verwenden',
    needsInvitation: 'Erst die Einladung eingeben.',
    returning: 'Die Anmeldung wird abgeschlossen…',
    returnFailed: 'Die Anmeldung gelang nicht',
    goOn: 'Weiter',
  },
);
