/** What the shell itself can do, as commands with keys, and its own entries of menus and status bar. */
import type { Message } from '../i18n/messages.ts';
import { NOT_FOUND_EDITOR, NotFoundEditor } from './editors/Watermark.tsx';
import { shellText } from './messages.ts';
import type {
  CommandContribution,
  Contribution,
  EditorInput,
  KeybindingContribution,
  MenuContribution,
} from './model.ts';
import { LiveStatus } from './parts/LiveStatus.tsx';
import type { WorkbenchServices } from './services.tsx';

type Run = CommandContribution['run'];

const viewCommand = (id: string, title: Message, run: Run, more: Partial<CommandContribution> = {}) =>
  command(id, shellText.view, title, run, more);
const editorCommand = (id: string, title: Message, run: Run, more: Partial<CommandContribution> = {}) =>
  command(id, shellText.editorCategory, title, run, { when: 'editorIsOpen', whenReason: shellText.noEditor, ...more });

function command(
  id: string,
  category: Message,
  title: Message,
  run: Run,
  more: Partial<CommandContribution>,
): CommandContribution {
  return { id: `workbench.action.${id}`, category, title, run, ...more };
}

const needsGroups = {
  when: 'editorIsOpen && editorGroupCount != 1 && !singleEditorGroup',
  whenReason: shellText.oneGroup,
};
const needsRoom = { when: 'editorIsOpen && !singleEditorGroup', whenReason: shellText.oneGroupOnly };

const commands: readonly CommandContribution[] = [
  viewCommand('toggleSideBar', shellText.toggleSideBar, ({ layout }) => layout.toggleSideBar()),
  viewCommand('togglePanel', shellText.togglePanel, ({ layout }) => layout.togglePanel()),
  viewCommand('toggleMaximizedPanel', shellText.toggleMaximizedPanel, ({ layout }) => layout.toggleMaximizedPanel()),
  viewCommand('closePanel', shellText.closePanel, ({ layout }) => layout.hidePanel(), { when: 'panelVisible' }),
  viewCommand('resetLayout', shellText.resetLayout, ({ layout, notifications, text }) => {
    layout.reset();
    notifications.show({
      severity: 'info',
      source: text(shellText.view),
      message: text(shellText.layoutReset),
      key: 'workbench.layoutReset',
    });
  }),
  viewCommand('showViewAt', shellText.showView, showViewAt, { palette: false }),
  viewCommand('focusNextPart', shellText.focusNextPart, ({ layout }) => layout.cyclePart(1)),
  viewCommand('focusPreviousPart', shellText.focusPreviousPart, ({ layout }) => layout.cyclePart(-1)),
  viewCommand('focusActivityBar', shellText.focusActivityBar, ({ layout }) => layout.focusPart('activity')),
  viewCommand('focusSideBar', shellText.focusSideBar, ({ layout }) => layout.focusPart('sideBar')),
  viewCommand('focusEditor', shellText.focusEditor, ({ editors }) => editors.focus()),
  viewCommand('focusPanel', shellText.focusPanel, ({ layout }) => layout.focusPart('panel')),
  viewCommand('focusStatusBar', shellText.focusStatusBar, ({ layout }) => layout.focusPart('status')),
  viewCommand('nextPanel', shellText.nextPanel, ({ layout }) => layout.stepPanel(1), { when: 'panelVisible' }),
  viewCommand('previousPanel', shellText.previousPanel, ({ layout }) => layout.stepPanel(-1), { when: 'panelVisible' }),
  command('back', shellText.go, shellText.back, ({ editors }) => editors.back(), {
    when: 'canGoBack',
    whenReason: shellText.noWayBack,
  }),
  command('forward', shellText.go, shellText.forward, ({ editors }) => editors.forward(), {
    when: 'canGoForward',
    whenReason: shellText.noWayForward,
  }),
  editorCommand('closeEditor', shellText.close, ({ editors }, input) => editors.close(keyOf(input)), { icon: 'close' }),
  editorCommand('closeOtherEditors', shellText.closeOthers, ({ editors }, input) => editors.closeOthers(keyOf(input))),
  editorCommand('closeEditorsToTheRight', shellText.closeToTheRight, ({ editors }, input) =>
    editors.closeToTheRight(keyOf(input)),
  ),
  editorCommand('closeAllEditors', shellText.closeAll, ({ editors }) => editors.closeAll()),
  editorCommand('reopenClosedEditor', shellText.reopenClosed, ({ editors }) => editors.reopenClosed(), {
    when: 'canReopenEditor',
    whenReason: shellText.nothingClosed,
  }),
  editorCommand('keepEditor', shellText.keepOpen, ({ editors }, input) => editors.keep(keyOf(input))),
  editorCommand('nextEditor', shellText.nextEditor, ({ editors }) => editors.step(1)),
  editorCommand('previousEditor', shellText.previousEditor, ({ editors }) => editors.step(-1)),
  editorCommand('splitEditor', shellText.splitRight, ({ editors }, input) => editors.split(keyOf(input)), {
    icon: 'split-horizontal',
    ...needsRoom,
  }),
  editorCommand(
    'moveEditorToLeftGroup',
    shellText.moveToLeftGroup,
    ({ editors }, input) => editors.moveToGroup('left', keyOf(input)),
    needsRoom,
  ),
  editorCommand(
    'moveEditorToRightGroup',
    shellText.moveToRightGroup,
    ({ editors }, input) => editors.moveToGroup('right', keyOf(input)),
    needsRoom,
  ),
  editorCommand('focusLeftGroup', shellText.focusLeftGroup, ({ editors }) => editors.focusGroup('left')),
  editorCommand('focusRightGroup', shellText.focusRightGroup, ({ editors }) => editors.focusGroup('right')),
  editorCommand(
    'increaseEditorGroupSize',
    shellText.increaseGroup,
    ({ editors }) => editors.resizeGroup(1),
    needsGroups,
  ),
  editorCommand(
    'decreaseEditorGroupSize',
    shellText.decreaseGroup,
    ({ editors }) => editors.resizeGroup(-1),
    needsGroups,
  ),
  editorCommand('showOpenEditors', shellText.showOpenEditors, showOpenEditors),
  editorCommand('copyPermalink', shellText.copyPermalink, copyPermalink, { icon: 'link' }),
];

/** Views by their place: the chord of ux and VS Code's numbers. */
const PLACES = [1, 2, 3, 4, 5, 6, 7] as const;

const key = (id: string, keys: string, more: Partial<KeybindingContribution> = {}): KeybindingContribution => ({
  command: `workbench.action.${id}`,
  key: keys,
  ...more,
});

const keybindings: readonly KeybindingContribution[] = [
  key('toggleSideBar', 'ctrl+b'),
  key('togglePanel', 'ctrl+j'),
  ...PLACES.map((place) => key('showViewAt', `ctrl+k ${place}`, { argument: place })),
  key('focusNextPart', 'f6'),
  key('focusPreviousPart', 'shift+f6'),
  key('focusSideBar', 'ctrl+0'),
  key('back', 'alt+left', { when: '!inputFocus' }),
  key('forward', 'alt+right', { when: '!inputFocus' }),
  key('closeEditor', 'alt+w'),
  key('closeEditor', 'ctrl+w', { when: 'isPwa' }),
  key('reopenClosedEditor', 'alt+shift+t'),
  key('nextEditor', 'alt+]'),
  key('previousEditor', 'alt+['),
  key('nextEditor', 'ctrl+pagedown', { when: 'isPwa' }),
  key('previousEditor', 'ctrl+pageup', { when: 'isPwa' }),
  key('keepEditor', 'ctrl+k enter'),
  key('splitEditor', 'ctrl+\\'),
  key('focusLeftGroup', 'ctrl+k ctrl+left'),
  key('focusRightGroup', 'ctrl+k ctrl+right'),
  key('moveEditorToLeftGroup', 'ctrl+k left'),
  key('moveEditorToRightGroup', 'ctrl+k right'),
  key('copyPermalink', 'ctrl+k p'),
];

const entry = (menu: string, id: string, group: string, order: number): MenuContribution => ({
  menu,
  command: `workbench.action.${id}`,
  group,
  order,
});

const menus: readonly MenuContribution[] = [
  entry('tab/context', 'closeEditor', '1_close', 1),
  entry('tab/context', 'closeOtherEditors', '1_close', 2),
  entry('tab/context', 'closeEditorsToTheRight', '1_close', 3),
  entry('tab/context', 'closeAllEditors', '1_close', 4),
  entry('tab/context', 'copyPermalink', '2_copy', 1),
  { ...entry('tab/context', 'keepEditor', '3_keep', 1), when: 'activeEditorIsPreview' },
  entry('tab/context', 'splitEditor', '4_split', 1),
  entry('tab/context', 'moveEditorToLeftGroup', '4_split', 2),
  entry('tab/context', 'moveEditorToRightGroup', '4_split', 3),
  entry('manage', 'resetLayout', '9_layout', 1),
];

/** The shell's contribution: the first of the list, since others build on its commands. */
export const shellContribution: Contribution = {
  commands,
  keybindings,
  menus,
  editors: [
    {
      id: NOT_FOUND_EDITOR,
      component: NotFoundEditor,
      // Opened by the shell itself, after nobody else knew the address.
      path: { build: ({ subject }) => subject, parse: () => undefined },
    },
  ],
  status: [{ id: 'workbench.status.live', side: 'left', order: 0, component: LiveStatus }],
};

function keyOf(input: unknown): string | undefined {
  const { editor, subject } = (input ?? {}) as Partial<EditorInput>;
  return editor === undefined || subject === undefined ? undefined : `${editor}/${subject}`;
}

function showViewAt({ layout, notifications, text }: WorkbenchServices, place: unknown) {
  if (!layout.showViewAt(Number(place))) {
    notifications.show({
      severity: 'info',
      source: text(shellText.view),
      message: text(shellText.noViewAt),
      key: 'workbench.noViewAt',
    });
  }
}

async function showOpenEditors(services: WorkbenchServices) {
  const { editors, quickInput, text } = services;
  const chosen = await quickInput.pick({
    title: text(shellText.openEditors),
    items: editors.list().map((input) => ({
      id: `${input.editor}/${input.subject}`,
      label: input.title,
      icon: input.icon,
      accept: () => editors.open(input),
    })),
  });
  chosen?.accept(services);
}

async function copyPermalink({ editors, notifications, text }: WorkbenchServices, input: unknown) {
  const address = editors.permalink(keyOf(input));
  try {
    await navigator.clipboard.writeText(address);
    notifications.show({
      severity: 'info',
      source: text(shellText.editorCategory),
      message: text(shellText.permalinkCopied),
      key: 'workbench.permalink',
    });
  } catch {
    // A page that is not served over TLS has no clipboard; the address can still be copied by hand.
    notifications.show({
      severity: 'warning',
      source: text(shellText.editorCategory),
      message: text(shellText.permalinkFailed, { address }),
      key: 'workbench.permalink',
    });
  }
}
