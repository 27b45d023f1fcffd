/** Problems: what is not right now, in the panel and counted in the status bar, and the way from one to the next. */
import { lazy } from 'react';
import { ask } from '../../api/client.ts';
import { ProblemList } from '../../api/schemas.ts';
import type { Contribution, WorkbenchServices } from '../../workbench/model.ts';
import { addressOf } from './describe.ts';
import { PROBLEMS_PANEL, problemContext } from './keys.ts';
import { problemsText } from './messages.ts';
import { ProblemsStatus, useProblemsBadge } from './ProblemsStatus.tsx';
import { stepProblem } from './problem-list.ts';

const ProblemsPanel = lazy(() => import('./ProblemsPanel.tsx').then((module) => ({ default: module.ProblemsPanel })));

/** Shows the next problem in the list and its object beside it. Asks anew: between two presses much may have been mended. */
async function step({ context, editors, layout, notifications, text }: WorkbenchServices, by: 1 | -1): Promise<void> {
  const { problems } = await ask(ProblemList, '/problems');
  const next = stepProblem(problems, context.get(problemContext.current), by);
  if (next === undefined) {
    notifications.show({ severity: 'info', message: text(problemsText.noneLeft), key: 'harp.problems.none' });
    return;
  }
  context.set(problemContext.current, next.id);
  const address = addressOf(next.subject);
  if (address !== undefined) editors.openAddress(address, { preview: true, focus: false });
  layout.showPanel(PROBLEMS_PANEL);
}

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
