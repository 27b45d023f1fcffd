/** Problems: what is not right now, in the panel and counted in the status bar, and the way from one to the next. */
import { lazy } from 'react';
import type { Contribution, WorkbenchServices } from '../../workbench/model.ts';
import { PROBLEMS_PANEL } from './keys.ts';
import { problemsText } from './messages.ts';
import { ProblemsStatus, useProblemsBadge } from './ProblemsStatus.tsx';

const ProblemsPanel = lazy(() => import('./ProblemsPanel.tsx').then((module) => ({ default: module.ProblemsPanel })));

const step = async (services: WorkbenchServices, by: 1 | -1) => (await import('./step.ts')).step(services, by);

export const problemsContribution: Contribution = {
  panels: [
    { id: PROBLEMS_PANEL, title: problemsText.title, order: 10, component: ProblemsPanel, badge: useProblemsBadge },
  ],
  status: [{ id: 'harp.status.problems', side: 'left', order: 30, component: ProblemsStatus }],
  commands: [
    {
      id: 'harp.problems.show',
      category: problemsText.category,
      title: problemsText.show,
      icon: 'warning',
      run: ({ layout }) => layout.showPanel(PROBLEMS_PANEL),
    },
    {
      id: 'harp.problems.next',
      category: problemsText.category,
      title: problemsText.next,
      icon: 'arrow-down',
      run: (services) => step(services, 1),
    },
    {
      id: 'harp.problems.previous',
      category: problemsText.category,
      title: problemsText.previous,
      icon: 'arrow-up',
      run: (services) => step(services, -1),
    },
  ],
  keybindings: [
    { command: 'harp.problems.show', key: 'ctrl+shift+m' },
    { command: 'harp.problems.next', key: 'f8' },
    { command: 'harp.problems.previous', key: 'shift+f8' },
  ],
};
