import { defineMessages } from '../../i18n/messages.ts';

/** What the ways to bring a batch's token to PCs say. */
export const deployMessages = defineMessages(
  'enrolment.deploy',
  {
    tokenOnce: 'This is the only time the token is shown. Copy it now; the server keeps a hash only.',
    tokenGone: 'The token was shown when the batch was made. In the commands below TOKEN stands for it.',
    showToken: 'Show Token',
    hideToken: 'Hide Token',
    copyToken: 'Copy Token',
    copy: 'Copy',
    copied: 'Copied.',
    notCopied: 'This browser does not let the page copy: select the text and copy it.',
    deploy: 'Deploy',
    deployLinux: 'Linux shell',
    deployPowerShell: 'PowerShell',
    deployFile: 'File for images and GPO',
    deployTest: 'Test from a PC',
    linuxWhat: 'As root on the PC. Have the second one run as a service.',
    powerShellWhat: 'As administrator on the PC.',
    fileWhat:
      'Put this file as enrol.json to /etc/harp, %ProgramData%\\Harp or /Library/Application Support/Harp, by an image or a group policy; harp-agent run then enrols by itself. Whoever can read the file can use the token.',
    testWhat: 'Name, TLS and MQTT from a PC, without a token. Each line should answer at once.',
  },
  {
    tokenOnce: 'Das Token wird nur dieses eine Mal gezeigt. Jetzt kopieren; der Server behält nur einen Hash.',
    tokenGone: 'Das Token wurde gezeigt, als die Aufnahme gemacht wurde. In den Befehlen unten steht TOKEN dafür.',
    showToken: 'Token zeigen',
    hideToken: 'Token verbergen',
    copyToken: 'Token kopieren',
    copy: 'Kopieren',
    copied: 'Kopiert.',
    notCopied: 'Dieser Browser lässt die Seite nicht kopieren: Text auswählen und kopieren.',
    deploy: 'Verteilen',
    deployLinux: 'Linux-Shell',
    deployPowerShell: 'PowerShell',
    deployFile: 'Datei für Abbilder und GPO',
    deployTest: 'Von einem PC prüfen',
    linuxWhat: 'Als root auf dem PC. Den zweiten Befehl als Dienst laufen lassen.',
    powerShellWhat: 'Als Administrator auf dem PC.',
    fileWhat:
      'Diese Datei als enrol.json nach /etc/harp, %ProgramData%\\Harp oder /Library/Application Support/Harp legen, mit einem Abbild oder einer Gruppenrichtlinie; harp-agent run meldet sich dann von selbst an. Wer die Datei lesen kann, kann das Token benutzen.',
    testWhat: 'Name, TLS und MQTT von einem PC aus, ohne Token. Jede Zeile sollte sofort antworten.',
  },
);
