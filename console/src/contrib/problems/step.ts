/** From one problem to the next. */
import { ask } from '../../api/client.ts';
import { ProblemList } from '../../api/schemas.ts';
import type { WorkbenchServices } from '../../workbench/model.ts';
import { addressOf } from './describe.ts';
import { PROBLEMS_PANEL, problemContext } from './keys.ts';
import { problemsText } from './messages.ts';
import { stepProblem } from './problem-list.ts';

/** Shows the next problem in the list and its object beside it. Asks anew: between two presses much may have been mended. */
export async function step(
  { context, editors, layout, notifications, text }: WorkbenchServices,
  by: 1 | -1,
): Promise<void> {
  const { problems } = await ask(ProblemList, '/problems');
  const next = stepProblem(problems, context.get(problemContext.current), by);
  if (next === undefined) {
    notifications.show({
      severity: 'info',
      source: text(problemsText.category),
      message: text(problemsText.noneLeft),
      key: 'harp.problems.none',
    });
    return;
  }
  context.set(problemContext.current, next.id);
  const address = addressOf(next.subject);
  if (address !== undefined) editors.openAddress(address, { preview: true, focus: false });
  layout.showPanel(PROBLEMS_PANEL);
}
