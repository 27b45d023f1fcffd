/** What the help says about where the focus is: the keys of what has it, and the commands of the part around it. */
import type { Message } from '../../i18n/messages.ts';
import type { Part } from '../../workbench/services.tsx';
import { helpDialogText as text } from './dialog-messages.ts';
import type { Widget } from './place.ts';

/** Keys that somebody may press, each in the spelling of keybindings, and what they do. */
export interface KeyLine {
  readonly keys: readonly string[];
  /** What stands for keys that cannot be spelled: letters. */
  readonly named?: Message;
  readonly does: Message;
}

const MENU: KeyLine = { keys: ['shift+f10', 'contextmenu'], does: text.menu };
const SELECT: readonly KeyLine[] = [
  { keys: ['shift+up', 'shift+down'], does: text.selectMore },
  { keys: ['ctrl+space'], does: text.toggleRow },
  { keys: ['ctrl+a'], does: text.selectAll },
];

/** The keys of each kind of widget, and the heading they stand under. */
export const widgetTopics: Readonly<Record<Widget, { title: Message; keys: readonly KeyLine[]; note?: Message }>> = {
  tree: {
    title: text.inTree,
    keys: [
      { keys: ['up', 'down'], does: text.rows },
      { keys: ['right'], does: text.expand },
      { keys: ['left'], does: text.collapse },
      { keys: ['home', 'end'], does: text.firstLast },
      { keys: [], named: text.letters, does: text.typeAhead },
      { keys: ['enter'], does: text.openRow },
      { keys: ['space'], does: text.previewRow },
      ...SELECT,
      { keys: ['ctrl+alt+f'], does: text.filter },
      MENU,
    ],
  },
  table: {
    title: text.inTable,
    keys: [
      { keys: ['up', 'down', 'left', 'right'], does: text.cells },
      { keys: ['home', 'end'], does: text.rowEnds },
      { keys: ['ctrl+home', 'ctrl+end'], does: text.tableEnds },
      { keys: ['enter'], does: text.openRow },
      { keys: ['enter'], does: text.sort },
      { keys: ['space'], does: text.selectRow },
      ...SELECT,
      MENU,
    ],
  },
  heatMap: {
    title: text.inHeatMap,
    keys: [
      { keys: ['up', 'down', 'left', 'right'], does: text.slots },
      { keys: ['enter'], does: text.openSlot },
    ],
    note: text.asTable,
  },
  tabs: {
    title: text.inTabs,
    keys: [
      { keys: ['left', 'right'], does: text.tabs },
      { keys: ['enter'], does: text.openTab },
    ],
  },
  tools: {
    title: text.inTools,
    keys: [
      { keys: ['left', 'right'], does: text.buttons },
      { keys: ['enter'], does: text.press },
    ],
  },
  sash: {
    title: text.inSash,
    keys: [
      { keys: ['left', 'right', 'up', 'down'], does: text.move },
      { keys: ['home', 'end'], does: text.moveEnds },
      { keys: ['enter'], does: text.reset },
    ],
  },
};

/** What each part is called here. */
export const partTitles: Readonly<Record<Part, Message>> = {
  title: text.titleBar,
  activity: text.activity,
  sideBar: text.sideBar,
  editors: text.editors,
  panel: text.panel,
  status: text.status,
};

const action = (...names: string[]) => names.map((name) => `workbench.action.${name}`);

/** The shell's commands that matter most where the focus is. One that nobody contributed is left out. */
export const partCommands: Readonly<Record<Part, readonly string[]>> = {
  title: action('quickOpen', 'showCommands'),
  activity: action('focusSideBar', 'toggleSideBar'),
  sideBar: action('toggleSideBar', 'focusEditor'),
  editors: action(
    'nextEditor',
    'previousEditor',
    'closeEditor',
    'reopenClosedEditor',
    'keepEditor',
    'showOpenEditors',
    'splitEditor',
    'focusLeftGroup',
    'focusRightGroup',
    'moveEditorToLeftGroup',
    'moveEditorToRightGroup',
    'increaseEditorGroupSize',
    'decreaseEditorGroupSize',
    'copyPermalink',
  ),
  panel: action('nextPanel', 'previousPanel', 'toggleMaximizedPanel', 'togglePanel', 'focusEditor'),
  status: action('focusEditor'),
};

/** Commands that are worth knowing wherever the focus is. */
export const commonCommands: readonly string[] = action(
  'showCommands',
  'quickOpen',
  'focusNextPart',
  'focusPreviousPart',
  'focusSideBar',
  'focusEditor',
  'toggleSideBar',
  'togglePanel',
  'back',
  'forward',
  'openKeyboardShortcuts',
  'selectTheme',
);
