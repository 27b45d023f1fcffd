/** Jobs: work that takes a while, in the panel and, while it runs, in the status bar. */
import { lazy } from 'react';
import { mayKey } from '../../session/may.ts';
import type { Contribution } from '../../workbench/model.ts';
import { JobsStatus, useJobsBadge } from './JobsStatus.tsx';
import { JOBS_PANEL } from './keys.ts';
import { jobsText } from './messages.ts';

const JobsPanel = lazy(() => import('./JobsPanel.tsx').then((module) => ({ default: module.JobsPanel })));

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
    {
      id: 'harp.jobs.verify',
      category: jobsText.category,
      title: jobsText.verify,
      icon: 'verified',
      when: mayKey('content.check'),
      whenReason: jobsText.mayNot,
      run: async (services) => (await import('./verify.ts')).verify(services),
    },
  ],
  keybindings: [{ command: 'harp.jobs.show', key: 'ctrl+k j' }],
};
