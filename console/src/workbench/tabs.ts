/** Which editors are open and which one is in front. Pure, so that every rule can be tested without a browser. */
import type { EditorInput } from './model.ts';

export interface Tabs {
  open: readonly EditorInput[];
  /** Key of the tab in front; undefined when none is open. */
  activeKey: string | undefined;
}

export type TabsAction =
  | { type: 'open'; input: EditorInput }
  | { type: 'activate'; key: string }
  | { type: 'close'; key: string }
  | { type: 'next' | 'previous' };

/** The identity of a tab. */
export function tabKey({ editor, subject }: EditorInput): string {
  return `${editor}/${subject}`;
}

export const noTabs: Tabs = { open: [], activeKey: undefined };

/** Opening what is open brings it to the front; closing the front brings its right neighbour, else its left one. */
export function reduceTabs(tabs: Tabs, action: TabsAction): Tabs {
  const keys = tabs.open.map(tabKey);
  switch (action.type) {
    case 'open': {
      const key = tabKey(action.input);
      return { open: keys.includes(key) ? tabs.open : [...tabs.open, action.input], activeKey: key };
    }
    case 'activate':
      return keys.includes(action.key) ? { ...tabs, activeKey: action.key } : tabs;
    case 'close': {
      const index = keys.indexOf(action.key);
      if (index < 0) return tabs;
      const open = tabs.open.toSpliced(index, 1);
      const neighbour = open[index] ?? open[index - 1];
      const activeKey = tabs.activeKey !== action.key ? tabs.activeKey : neighbour && tabKey(neighbour);
      return { open, activeKey };
    }
    case 'next':
    case 'previous': {
      if (keys.length === 0) return tabs;
      const step = action.type === 'next' ? 1 : keys.length - 1;
      return { ...tabs, activeKey: keys[(keys.indexOf(tabs.activeKey ?? '') + step) % keys.length] };
    }
  }
}
