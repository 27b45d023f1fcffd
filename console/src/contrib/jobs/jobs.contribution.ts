/** Jobs: work that takes a while, in the panel and, while it runs, in the status bar. */
import { lazy } from 'react';
import { ask } from '../../api/client.ts';
import { startJob } from '../../api/queries.ts';
import { FolderList } from '../../api/schemas.ts';
import type { Contribution, WorkbenchServices } from '../../workbench/model.ts';
import { JobsStatus, useJobsBadge } from './JobsStatus.tsx';
import { JOBS_PANEL, jobContext } from './keys.ts';
import { jobsText } from './messages.ts';

const JobsPanel = lazy(() => import('./JobsPanel.tsx').then((module) => ({ default: module.JobsPanel })));

/** Asks for a folder, has the server verify its chain, and shows how far it is. */
async function verify({ quickInput, notifications, layout, context, text }: WorkbenchServices): Promise<void> {
  const { folders } = await ask(FolderList, '/folders');
  if (folders.length === 0) {
    notifications.show({ severity: 'info', message: text(jobsText.noFolders), key: 'harp.jobs.noFolders' });
    return;
  }
  const picked = await quickInput.pick({
    title: text(jobsText.verify),
    placeholder: text(jobsText.verifyPlaceholder),
    items: folders.map(({ id, name, nextcloud }) => ({
      id,
      label: name,
      description: nextcloud.name,
      icon: 'folder',
      accept() {},
    })),
  });
  if (picked === undefined) return;
  const job = await startJob({ kind: 'verify-folder', folderId: picked.id });
  context.set(jobContext.log, job.id);
  layout.showPanel(JOBS_PANEL);
}

export const jobsContribution: Contribution = {
  panels: [{ id: JOBS_PANEL, title: jobsText.title, order: 50, component: JobsPanel, badge: useJobsBadge }],
  status: [{ id: 'harp.status.jobs', side: 'left', order: 40, component: JobsStatus }],
  commands: [
    {
      id: 'harp.jobs.show',
      category: jobsText.category,
      title: jobsText.show,
      icon: 'checklist',
      run: ({ layout }) => layout.showPanel(JOBS_PANEL),
    },
    { id: 'harp.jobs.verify', category: jobsText.category, title: jobsText.verify, icon: 'verified', run: verify },
  ],
  keybindings: [{ command: 'harp.jobs.show', key: 'ctrl+k j' }],
};
