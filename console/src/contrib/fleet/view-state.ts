/** What the fleet's view and its commands share: facts of the workbench's context and one setting. */
import type { WorkbenchServices } from '../../workbench/model.ts';
import { type Grouping, groupings } from './grouping.ts';
import { type FleetTarget, targetsIn } from './targets.ts';

export const FLEET_VIEW = 'harp.view.fleet';
export const GROUPING_SETTING = 'fleet.grouping';

/** The query above the tree; a text. */
export const FILTER_KEY = 'fleetFilter';
/** What is selected in the tree or table that was used last; targets. */
const SELECTION_KEY = 'fleetSelection';
/** How many agents are among them, for conditions. */
export const SELECTED_AGENTS_KEY = 'fleetSelectedAgents';
/** Rises when the filter field is to take the focus. */
export const FILTER_FOCUS_KEY = 'fleetFilterFocus';

type Shared = Pick<WorkbenchServices, 'context'>;

/** The query above the tree. */
export function filterOf({ context }: Shared): string {
  const query = context.get(FILTER_KEY);
  return typeof query === 'string' ? query : '';
}

/** Sets it. Conditions see whether there is one. */
export function setFilter({ context }: Shared, query: string): void {
  context.set(FILTER_KEY, query === '' ? undefined : query);
}

/** Shows the view with this query. */
export function showFiltered(services: WorkbenchServices, query: string): void {
  setFilter(services, query);
  services.layout.showView(FLEET_VIEW);
}

/** Shows the view with the focus in the filter field. */
export function focusFilter(services: WorkbenchServices): void {
  services.layout.showView(FLEET_VIEW);
  const before = services.context.get(FILTER_FOCUS_KEY);
  services.context.set(FILTER_FOCUS_KEY, (typeof before === 'number' ? before : 0) + 1);
}

/** Tells commands what is selected now. */
export function setSelection({ context }: Shared, targets: readonly FleetTarget[]): void {
  context.set(SELECTION_KEY, targets);
  context.set(SELECTED_AGENTS_KEY, targets.filter(({ kind }) => kind === 'agent').length);
}

/** What a command is about: its argument, or else what is selected. */
export function targetsOf({ context }: Shared, argument: unknown): readonly FleetTarget[] {
  const given = targetsIn(argument);
  return given.length > 0 ? given : targetsIn(context.get(SELECTION_KEY));
}

/** What the first level of the tree is. */
export function groupingOf(value: unknown): Grouping {
  return groupings.find((grouping) => grouping === value) ?? 'region';
}
