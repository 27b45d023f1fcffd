/** Enrolment: PCs that wait to be let in, batches with their tokens, the rules that let PCs in, and who is kept out. */
import { useQuery } from '@tanstack/react-query';
import { lazy } from 'react';
import { mayKey, useMay } from '../../session/may.ts';
import type {
  CommandContribution,
  Contribution,
  KeybindingContribution,
  MenuContribution,
} from '../../workbench/model.ts';
import {
  batchInput,
  batchPath,
  blockedInput,
  blockedPath,
  ENROLMENT_VIEW,
  editorIds,
  listInput,
  listPath,
  NEW_BATCH,
  rulesInput,
  rulesPath,
} from './inputs.ts';
import { enrolmentText } from './messages.ts';
import { waitingCountQuery } from './queries.ts';
import { CAN_UNDO, LIST_FOCUS, SELECTED } from './selection.ts';

const view = (name: 'WaitingView' | 'BatchesView' | 'RulesView' | 'BlockedView') =>
  lazy(() => import('./Views.tsx').then((module) => ({ default: module[name] })));

// What asks and sends is loaded when somebody first wants it.
const deciding = () => import('./decide.ts');
const acting = () => import('./agent-actions.ts');

const [mayApprove, mayToken, mayRevoke, mayWrite] = (
  ['enrol.approve', 'enrol.token', 'agent.revoke', 'fleet.write'] as const
).map(mayKey) as [string, string, string, string];

function useWaiting(): number {
  const allowed = useMay('enrol.approve');
  return useQuery({ ...waitingCountQuery, enabled: allowed }).data?.total ?? 0;
}

type More = Partial<CommandContribution>;
const approving: More = { when: mayApprove, whenReason: enrolmentText.mayNotApprove };
const selected: More = { when: `${mayApprove} && ${SELECTED}`, whenReason: enrolmentText.selectFirst };

const command = (id: string, title: CommandContribution['title'], run: CommandContribution['run'], more: More) => ({
  id: `harp.enrolment.${id}`,
  category: enrolmentText.category,
  title,
  run,
  ...more,
});

const commands: readonly CommandContribution[] = [
  command('show', enrolmentText.show, ({ layout }) => layout.showView(ENROLMENT_VIEW), { icon: 'vm-connect' }),
  command(
    'openWaiting',
    enrolmentText.openWaiting,
    ({ editors, text }) => editors.open(listInput(text(enrolmentText.waitingTitle)), { focus: true }),
    { icon: 'list-selection', ...approving },
  ),
  command(
    'newBatch',
    enrolmentText.newBatch,
    ({ editors, text }) => editors.open(batchInput(NEW_BATCH, text(enrolmentText.newBatchTitle)), { focus: true }),
    { icon: 'add', when: mayToken, whenReason: enrolmentText.mayNotToken },
  ),
  command(
    'openRules',
    enrolmentText.openRules,
    ({ editors, text }) => editors.open(rulesInput(text(enrolmentText.rules)), { focus: true }),
    { icon: 'checklist', when: mayWrite, whenReason: enrolmentText.mayNotRules },
  ),
  command(
    'openBlocked',
    enrolmentText.openBlocked,
    ({ editors, text }) => editors.open(blockedInput(text(enrolmentText.blocked)), { focus: true }),
    { icon: 'circle-slash', when: mayRevoke, whenReason: enrolmentText.mayNotToken },
  ),
  command(
    'approve',
    enrolmentText.approveSelected,
    async (services) => (await deciding()).decideSelected(services, 'approve'),
    {
      icon: 'check',
      ...selected,
    },
  ),
  command(
    'assign',
    enrolmentText.assignSelected,
    async (services) => (await deciding()).decideSelected(services, 'assign'),
    {
      icon: 'organization',
      ...selected,
    },
  ),
  command(
    'reject',
    enrolmentText.rejectSelected,
    async (services) => (await deciding()).decideSelected(services, 'reject'),
    {
      icon: 'close',
      ...selected,
    },
  ),
  command(
    'block',
    enrolmentText.blockSelected,
    async (services) => (await deciding()).decideSelected(services, 'block'),
    {
      icon: 'circle-slash',
      ...selected,
    },
  ),
  command('undo', enrolmentText.undoLast, async (services) => (await deciding()).undo(services), {
    icon: 'discard',
    when: CAN_UNDO,
    whenReason: enrolmentText.nothingToUndo,
  }),
  {
    id: 'harp.agent.assign',
    category: enrolmentText.agentCategory,
    title: enrolmentText.agentAssign,
    icon: 'organization',
    when: mayWrite,
    whenReason: enrolmentText.mayNotRules,
    run: async (services, argument) => (await acting()).assignAgents(services, argument),
  },
  {
    id: 'harp.agent.revoke',
    category: enrolmentText.agentCategory,
    title: enrolmentText.agentRevoke,
    icon: 'circle-slash',
    when: mayRevoke,
    whenReason: enrolmentText.mayNotToken,
    run: async (services, argument) => (await acting()).revokeAgents(services, argument),
  },
  {
    id: 'harp.agent.unblock',
    category: enrolmentText.agentCategory,
    title: enrolmentText.agentUnblock,
    icon: 'unlock',
    when: mayRevoke,
    whenReason: enrolmentText.mayNotToken,
    run: async (services) => (await acting()).unblockPc(services),
  },
];

const keybindings: readonly KeybindingContribution[] = [
  { command: 'harp.enrolment.approve', key: 'a', when: LIST_FOCUS },
  { command: 'harp.enrolment.reject', key: 'r', when: LIST_FOCUS },
  { command: 'harp.agent.assign', key: 'ctrl+k o' },
];

const inView = `activeView == ${ENROLMENT_VIEW}`;
const AGENT_MENU = 'fleet/agent/context';
/** Of the rows of the list. */
const ROW_MENU = 'enrolment/context';

const menus: readonly MenuContribution[] = [
  { menu: 'view/title', command: 'harp.enrolment.newBatch', group: 'navigation', order: 1, when: inView },
  { menu: 'view/title', command: 'harp.enrolment.openWaiting', group: 'navigation', order: 2, when: inView },
  { menu: 'view/title', command: 'harp.enrolment.openRules', group: '1_open', order: 1, when: inView },
  { menu: 'view/title', command: 'harp.enrolment.openBlocked', group: '1_open', order: 2, when: inView },
  ...(['approve', 'assign', 'reject', 'block'] as const).map((id, order) => ({
    menu: ROW_MENU,
    command: `harp.enrolment.${id}`,
    group: '1_decide',
    order,
  })),
  { menu: AGENT_MENU, command: 'harp.agent.assign', group: '3_access', order: 1, when: mayWrite },
  { menu: AGENT_MENU, command: 'harp.agent.revoke', group: '3_access', order: 2, when: mayRevoke },
];

export const enrolmentContribution: Contribution = {
  commands,
  keybindings,
  menus,
  views: [
    {
      id: ENROLMENT_VIEW,
      title: enrolmentText.category,
      icon: 'vm-connect',
      order: 50,
      badge: useWaiting,
      sections: [
        { id: 'harp.view.enrolment.waiting', title: enrolmentText.waiting, component: view('WaitingView') },
        { id: 'harp.view.enrolment.batches', title: enrolmentText.batches, component: view('BatchesView') },
        { id: 'harp.view.enrolment.rules', title: enrolmentText.rules, component: view('RulesView') },
        { id: 'harp.view.enrolment.blocked', title: enrolmentText.blocked, component: view('BlockedView') },
      ],
    },
  ],
  editors: [
    { id: editorIds.list, component: lazy(() => import('./WaitingEditor.tsx')), path: listPath },
    { id: editorIds.batch, component: lazy(() => import('./BatchEditor.tsx')), path: batchPath },
    { id: editorIds.rules, component: lazy(() => import('./RulesEditor.tsx')), path: rulesPath },
    { id: editorIds.blocked, component: lazy(() => import('./BlockedEditor.tsx')), path: blockedPath },
  ],
};
