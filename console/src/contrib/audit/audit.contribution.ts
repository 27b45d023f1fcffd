/** Audit: who changed what, by day, by person and by object; each entry with both sides; and whether the log is whole. */
import { lazy } from 'react';
import { mayKey } from '../../session/may.ts';
import type { Contribution } from '../../workbench/model.ts';
import { AUDIT_VIEW, ENTRY_EDITOR, entryPath, LOG_EDITOR, logInput, logPath } from './inputs.ts';
import { auditContext } from './keys.ts';
import { auditText } from './messages.ts';

/** Whoever may see what was done somewhere; the chain is whole only for those who see everything, which the server says. */
const MAY_READ = mayKey('audit.read');
const MAY_EXPORT = mayKey('audit.export');

const view = (name: 'ByDay' | 'ByActor' | 'ByObject') =>
  lazy(() => import('./AuditGroups.tsx').then((module) => ({ default: module[name] })));

/** The server sends it as a file; the browser saves what it is sent. */
function saveExport(): void {
  const link = document.createElement('a');
  link.href = '/api/v1/audit/export';
  link.download = 'harp-audit.jsonl';
  link.click();
}

export const auditContribution: Contribution = {
  views: [
    {
      id: AUDIT_VIEW,
      title: auditText.category,
      icon: 'history',
      order: 60,
      when: MAY_READ,
      sections: [
        { id: 'harp.view.audit.byDay', title: auditText.byDay, component: view('ByDay') },
        { id: 'harp.view.audit.byActor', title: auditText.byActor, component: view('ByActor') },
        { id: 'harp.view.audit.byObject', title: auditText.byObject, component: view('ByObject') },
      ],
    },
  ],
  editors: [
    { id: LOG_EDITOR, component: lazy(() => import('./AuditLogEditor.tsx')), path: logPath },
    { id: ENTRY_EDITOR, component: lazy(() => import('./AuditEntryEditor.tsx')), path: entryPath },
  ],
  commands: [
    {
      id: 'harp.audit.show',
      category: auditText.category,
      title: auditText.show,
      icon: 'history',
      when: MAY_READ,
      whenReason: auditText.mayNot,
      run: ({ layout }) => void layout.showView(AUDIT_VIEW),
    },
    {
      id: 'harp.audit.open',
      category: auditText.category,
      title: auditText.openLog,
      icon: 'history',
      when: MAY_READ,
      whenReason: auditText.mayNot,
      run: ({ editors, text }) => editors.open(logInput(text(auditText.log))),
    },
    {
      id: 'harp.audit.verify',
      category: auditText.category,
      title: auditText.verifyLog,
      icon: 'verified',
      when: MAY_EXPORT,
      whenReason: auditText.mayNot,
      run({ editors, context, text }) {
        context.set(auditContext.verify, true);
        editors.open(logInput(text(auditText.log)));
      },
    },
    {
      id: 'harp.audit.export',
      category: auditText.category,
      title: auditText.exportLog,
      icon: 'export',
      when: MAY_EXPORT,
      whenReason: auditText.mayNot,
      run: saveExport,
    },
  ],
};
