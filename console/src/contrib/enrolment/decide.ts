/** What a person decides of PCs that wait: asked, sent, told, and undone. */
import { readCode } from '@harp/broker/protocol';
import { ask } from '../../api/client.ts';
import {
  type DecisionRequest,
  DecisionResult,
  type EnrolmentSummary,
  OfficeList,
  UNDO_MS,
  UndoResult,
} from '../../api/schemas.ts';
import type { Message } from '../../i18n/messages.ts';
import { cutText, foreign } from '../../ui/foreign-text.ts';
import type { WorkbenchServices } from '../../workbench/model.ts';
import { enrolmentEditorText } from './editor-messages.ts';
import { enrolmentText } from './messages.ts';
import { selectedOf, setUndoable, undoableOf } from './selection.ts';
import { twinText } from './twin-messages.ts';

const accept = () => {};

/** The newest notification of what was done. It makes room for the next one: who decides of PC after PC wants to see the last. */
let shownId: number | undefined;

function hideShown(notifications: WorkbenchServices['notifications']): void {
  if (shownId !== undefined) notifications.hideToast(shownId);
  shownId = undefined;
}

/** Says something in the name of enrolment. */
export function tell(
  { notifications, text }: Pick<WorkbenchServices, 'notifications' | 'text'>,
  severity: 'info' | 'warning' | 'error',
  message: string,
): void {
  hideShown(notifications);
  notifications.show({ severity, source: text(enrolmentText.category), message });
  if (severity === 'info') shownId = notifications.list()[0]?.id;
}

/** Does it, and says why if it fails. */
export async function attempt(services: WorkbenchServices, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    tell(services, 'error', services.text(enrolmentEditorText.failed, { why: foreign(why, 300) }));
  }
}

/** Asks for an office; undefined when nothing was chosen. */
export async function pickOffice(
  { quickInput }: Pick<WorkbenchServices, 'quickInput'>,
  title: string,
): Promise<{ id: string; name: string } | undefined> {
  const { offices } = await ask(OfficeList, '/offices');
  const picked = await quickInput.pick({
    title,
    items: offices.map(({ id, name, subnets }) => ({
      id,
      label: cutText(name, 80),
      description: subnets.slice(0, 3).join(', '),
      icon: 'organization',
      accept,
    })),
  });
  return offices.find(({ id }) => id === picked?.id);
}

const told = {
  approve: enrolmentEditorText.didApprove,
  reject: enrolmentEditorText.didReject,
  block: enrolmentEditorText.didBlock,
} as const satisfies Record<string, Message>;

/** Decides of what is selected in the list. Who needs a code is asked for it, one PC at a time. */
export function decideSelected(services: WorkbenchServices, decision: DecisionRequest['decision']): Promise<void> {
  return attempt(services, async () => {
    const { text, quickInput } = services;
    const rows = selectedOf(services);
    const [first] = rows;
    if (first === undefined) return;
    const request: DecisionRequest = { ids: rows.map(({ id }) => id), decision };
    if (decision === 'approve' && rows.length === 1 && first.needsCode) {
      const code = await quickInput.ask({
        title: text(enrolmentEditorText.codeTitle, { name: foreign(first.hostname, 60) }),
        placeholder: text(enrolmentEditorText.codeHint),
        validate: (typed) => (readCode(typed) === undefined ? text(enrolmentEditorText.codeInvalid) : undefined),
      });
      if (code === undefined) return;
      request.code = code;
    }
    let office = '';
    if (decision === 'assign') {
      const picked = await pickOffice(services, text(enrolmentEditorText.chooseOffice, { count: rows.length }));
      if (picked === undefined) return;
      request.officeId = picked.id;
      office = picked.name;
    }
    const result = await ask(DecisionResult, '/enrolments/decide', { method: 'POST', body: request });
    tellOutcome(services, decision, rows, result, office);
  });
}

function tellOutcome(
  services: WorkbenchServices,
  decision: DecisionRequest['decision'],
  rows: readonly EnrolmentSummary[],
  { decided, skipped }: DecisionResult,
  office: string,
): void {
  if (decided.length > 0) tellDecided(services, decision, rows, decided, office);
  const { text } = services;
  const withCode = skipped.filter(({ cause }) => cause === 'enrolment.code_needed').length;
  const twins = skipped.filter(({ cause }) => cause === 'enrolment.duplicate').length;
  const warn = (message: string) =>
    services.notifications.show({ severity: 'warning', source: text(enrolmentText.category), message });
  // Behind what can be undone, which is gone in ten seconds.
  if (withCode > 0) warn(text(enrolmentEditorText.needCodes, { count: withCode }));
  if (twins > 0) warn(text(twinText.skippedTwins, { count: twins }));
  const gone = skipped.length - withCode - twins;
  if (gone > 0) warn(text(enrolmentEditorText.skipped, { count: gone }));
}

function tellDecided(
  services: WorkbenchServices,
  decision: DecisionRequest['decision'],
  rows: readonly EnrolmentSummary[],
  decided: readonly string[],
  office: string,
): void {
  const { text, notifications } = services;
  const name = foreign(rows.find(({ id }) => id === decided[0])?.hostname ?? '', 60);
  const count = decided.length;
  const source = text(enrolmentText.category);
  if (decision === 'assign') {
    tell(services, 'info', text(enrolmentEditorText.didAssign, { count, name, office: foreign(office, 80) }));
    return;
  }
  hideShown(notifications);
  notifications.show({
    severity: 'info',
    source,
    message: text(told[decision], { count, name }),
    actions: [{ label: text(enrolmentEditorText.undo), run: () => undo(services, decided) }],
  });
  const id = notifications.list()[0]?.id;
  shownId = id;
  setUndoable(services, decided);
  setTimeout(() => {
    if (undoableOf(services) === decided) setUndoable(services, undefined);
    if (shownId === id) hideShown(notifications);
  }, UNDO_MS);
}

/** Takes a decision back, if it has not taken effect. */
export function undo(services: WorkbenchServices, ids: readonly string[] = undoableOf(services)): Promise<void> {
  return attempt(services, async () => {
    if (ids.length === 0) return;
    const { undone } = await ask(UndoResult, '/enrolments/undo', { method: 'POST', body: { ids } });
    setUndoable(services, undefined);
    const { text } = services;
    if (undone.length === 0) tell(services, 'warning', text(enrolmentEditorText.undoLate));
    else tell(services, 'info', text(enrolmentEditorText.undone, { count: undone.length }));
  });
}
