import { defineMessages } from '../../i18n/messages.ts';

/** What is said of one's own passkeys and accounts elsewhere. */
export const waysText = defineMessages(
  'account.ways',
  {
    accounts: 'Accounts elsewhere',
    noAccounts: 'No account is linked. With one you sign in there instead of here.',
    provider: 'With',
    accountName: 'Account',
    linkAccount: 'Sign in there and link the account',
    unlink: 'Unlink',
    noPassword: 'You have no password here: you sign in elsewhere. An owner can invite you again to choose one.',
    passkeys: 'Passkeys',
    noPasskeys:
      'No passkey was added. One signs in without password and code: the device asks for a finger, a face or a PIN.',
    passkeyName: 'Name of the device or key',
    addPasskey: 'Add a passkey',
    passkeyGivenUp: 'the device was asked, and gave no key',
    passkeyInsecure:
      'Passkeys need https. The console’s address is {origin}: put a proxy with TLS in front of it and set HARP_CONSOLE_URL.',
    passkeyNoName:
      'Passkeys need a name, not an IP address. The console’s address is {origin}: set HARP_CONSOLE_URL to one with a name.',
    passkeyElsewhere: 'Passkeys work at {origin} only. Open the console there.',
    passkeyOldBrowser: 'This browser is too old for passkeys.',
    remove: 'Remove',
  },
  {
    accounts: 'Konten anderswo',
    noAccounts: 'Es ist kein Konto verknüpft. Mit einem melden Sie sich dort an statt hier.',
    provider: 'Bei',
    accountName: 'Konto',
    linkAccount: 'Dort anmelden und das Konto verknüpfen',
    unlink: 'Lösen',
    noPassword:
      'Sie haben hier kein Passwort: Sie melden sich anderswo an. Ein Eigentümer kann Sie erneut einladen, um eines zu wählen.',
    passkeys: 'Passkeys',
    noPasskeys:
      'Es gibt keinen Passkey. Einer meldet ohne Passwort und Code an: Das Gerät fragt nach Finger, Gesicht oder PIN.',
    passkeyName: 'Name des Geräts oder Schlüssels',
    addPasskey: 'Passkey hinzufügen',
    passkeyGivenUp: 'das Gerät wurde gefragt und gab keinen Schlüssel her',
    passkeyInsecure:
      'Passkeys brauchen https. Die Adresse der Konsole ist {origin}: einen Proxy mit TLS davorsetzen und HARP_CONSOLE_URL angeben.',
    passkeyNoName:
      'Passkeys brauchen einen Namen, keine IP-Adresse. Die Adresse der Konsole ist {origin}: in HARP_CONSOLE_URL eine mit Namen angeben.',
    passkeyElsewhere: 'Passkeys gehen nur unter {origin}. Die Konsole dort öffnen.',
    passkeyOldBrowser: 'Dieser Browser ist zu alt für Passkeys.',
    remove: 'Entfernen',
  },
);
