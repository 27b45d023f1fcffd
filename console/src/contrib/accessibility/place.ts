/** Where the focus is, as the help needs it: which part of the page, and what in there has keys of its own. */
import type { Part } from '../../workbench/services.tsx';

/** What can have the focus inside of a part, as far as it has keys of its own. */
export type Widget = 'tree' | 'table' | 'heatMap' | 'tabs' | 'tools' | 'sash';

/** What the help is about. */
export interface HelpPlace {
  readonly part: Part;
  readonly widget: Widget | undefined;
}

const parts: readonly Part[] = ['title', 'activity', 'sideBar', 'editors', 'panel', 'status'];

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
    part: parts.find((one) => one === part) ?? 'editors',
    widget: MARKS.find(([, selector]) => focused?.closest(selector) != null)?.[0],
  };
}
