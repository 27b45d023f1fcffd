/** What the enrolment list and its commands tell each other through the workbench's context. */
import type { EnrolmentSummary } from '../../api/schemas.ts';
import type { WorkbenchServices } from '../../workbench/model.ts';

/** The selected rows. */
const SELECTION = 'harp.enrolment.selection';
/** How many of them wait, for conditions. */
export const SELECTED = 'harp.enrolment.selected';
/** Whether the list has the focus: single letters are commands only there. */
export const LIST_FOCUS = 'harp.enrolment.listFocus';
/** The ids of the last decision, while it can be undone. */
const UNDOABLE = 'harp.enrolment.undoable';
export const CAN_UNDO = UNDOABLE;

type Shared = Pick<WorkbenchServices, 'context'>;

/** Tells commands what is selected now. */
export function setSelected({ context }: Shared, rows: readonly EnrolmentSummary[]): void {
  context.update({ [SELECTION]: rows, [SELECTED]: rows.filter(({ state }) => state === 'waiting').length });
}

/** The selected PCs that wait. */
export function selectedOf({ context }: Shared): readonly EnrolmentSummary[] {
  const rows = context.get(SELECTION);
  return Array.isArray(rows) ? (rows as EnrolmentSummary[]).filter(({ state }) => state === 'waiting') : [];
}

/** Remembers what can be undone, or that nothing can. */
export function setUndoable({ context }: Shared, ids: readonly string[] | undefined): void {
  context.set(UNDOABLE, ids);
}

/** What can be undone. */
export function undoableOf({ context }: Shared): readonly string[] {
  const ids = context.get(UNDOABLE);
  return Array.isArray(ids) ? (ids as string[]) : [];
}
