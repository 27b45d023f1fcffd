import { defineMessages } from '../../i18n/messages.ts';

/** What the first page shows of the audit: commands, titles of views. */
export const auditText = defineMessages(
  'audit',
  {
    category: 'Audit',
    mayNot: 'This needs the role manager or owner.',
    show: 'Show Audit',
    openLog: 'Open the Log',
    verifyLog: 'Verify the Log in This Browser',
    exportLog: 'Export the Log',
    byDay: 'By day',
    byActor: 'By person or program',
    byObject: 'By object',
    log: 'Audit log',
    entry: 'Audit entry',
  },
  {
    category: 'Änderungsprotokoll',
    mayNot: 'Dafür ist die Rolle Verwalter oder Inhaber nötig.',
    show: 'Änderungsprotokoll anzeigen',
    openLog: 'Liste öffnen',
    verifyLog: 'Protokoll in diesem Browser prüfen',
    exportLog: 'Protokoll exportieren',
    byDay: 'Nach Tag',
    byActor: 'Nach Person oder Programm',
    byObject: 'Nach Objekt',
    log: 'Änderungsprotokoll',
    entry: 'Protokolleintrag',
  },
);
