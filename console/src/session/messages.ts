import { defineMessages } from '../i18n/messages.ts';

/** What is said before and around the workbench: signing in, setting up. */
export const sessionText = defineMessages(
  'session',
  {
    name: 'Name',
    password: 'Password',
    newPassword: 'Password (at least 12 characters)',
    code: 'One-time code',
    signInTitle: 'Sign in to Harp',
    signIn: 'Sign in',
    setupTitle: 'Set up Harp',
    setupIntro:
      'The server printed a one-time code when it started. It proves that you may make the first administrator.',
    setup: 'Create administrator',
    ended: 'Your session has ended. Sign in again; what was open is still there.',
    console: 'The console',
    account: 'Account',
    signOut: 'Sign Out',
  },
  {
    name: 'Name',
    password: 'Passwort',
    newPassword: 'Passwort (mindestens 12 Zeichen)',
    code: 'Einmalcode',
    signInTitle: 'Bei Harp anmelden',
    signIn: 'Anmelden',
    setupTitle: 'Harp einrichten',
    setupIntro:
      'Der Server hat beim Start einen Einmalcode ausgegeben. Er belegt die Berechtigung, das erste Administratorkonto anzulegen.',
    setup: 'Administratorkonto anlegen',
    ended: 'Die Sitzung ist beendet. Bitte erneut anmelden; was geöffnet war, ist noch da.',
    console: 'Die Konsole',
    account: 'Konto',
    signOut: 'Abmelden',
  },
);
