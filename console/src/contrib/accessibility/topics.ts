/** What the help says about where the focus is: the keys of what has it, and the commands of the part around it. */
import type { Message } from '../../i18n/messages.ts';
import type { Part } from '../../workbench/services.tsx';
import { helpText as text } from './messages.ts';

/** What can have the focus inside of a part, as far as it has keys of its own. */
export type Widget = 'tree' | 'table' | 'heatMap' | 'tabs' | 'tools' | 'sash';

/** What the help is about. */
export interface HelpPlace {
  readonly part: Part;
  readonly widget: Widget | undefined;
}

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

/** The roles and classes from what has the focus outwards, to what it is. */
export interface FocusPath {
  closest(selector: string): { readonly dataset?: { readonly part?: string | undefined } } | null;
}

/** Widgets by what marks them, the innermost first. */
const MARKS: readonly (readonly [Widget, string])[] = [
  ['heatMap', '.heat-grid'],
  ['tree', '[role="tree"]'],
  ['table', '[role="grid"], [role="treegrid"]'],
  ['tabs', '[role="tablist"]'],
  ['tools', '[role="toolbar"]'],
  ['sash', '[role="separator"]'],
];

/** What the help is about when this has the focus; the editors, when nothing has. */
export function placeOf(focused: FocusPath | null): HelpPlace {
  const part = focused?.closest('[data-part]')?.dataset?.part;
  return {
    part: part !== undefined && part in partTitles ? (part as Part) : 'editors',
    widget: MARKS.find(([, selector]) => focused?.closest(selector) != null)?.[0],
  };
}
