/**
 * The editors: which are open, in which group, and which is in front. The dock holds the tabs and their order; this holds what they show. The address
 * follows the editor in front, and the browser's history is the history of editors.
 */
import type { DockviewGroupPanel, IDockviewPanel } from 'dockview-core';
import type { Translate } from '../../i18n/translate.ts';
import type { ContextKeys } from '../commands/context-keys.ts';
import { shellText } from '../messages.ts';
import { type EditorContribution, type EditorInput, editorKey } from '../model.ts';
import type { EditorsService, OpenOptions, Unsubscribe } from '../services.tsx';
import { addressOf, inputAt, looksSame } from './address.ts';
import type { AddressBar } from './browser-address.ts';
import type { createDock, Dock, Mounts } from './dock.ts';
import { inputOf, readSavedEditors, savedOf } from './saved-editors.ts';
import { neighbour, othersOf, rememberClosed, rightOf, stepFrom } from './tab-order.ts';
import { advance, canGoBack, canGoForward, moveTo, trailFrom } from './trail.ts';

/** An open tab and what it shows. A new object whenever any of it changed. */
export interface OpenTab {
  readonly id: string;
  readonly input: EditorInput;
  readonly preview: boolean;
  readonly dirty: boolean;
}

/** The editors as the shell draws them. A new object whenever anything in it changed. */
export interface EditorsView {
  readonly mounts: Mounts;
  readonly tabs: ReadonlyMap<string, OpenTab>;
  /** Tabs in front of their group. */
  readonly visible: ReadonlySet<string>;
  /** The tab in front of the active group. */
  readonly active: string | undefined;
}

/** The editors with what only the shell itself may do. Tabs are named by their own ids here, since an input may be open in two groups. */
export interface EditorsStore extends EditorsService {
  readonly view: EditorsView;
  readonly dock: Dock;
  readonly canGoBack: boolean;
  readonly canGoForward: boolean;
  /** Opens what the address says, what was saved, or what welcomes; once, when everything else is there. */
  start(saved: unknown): void;
  /** Begins to follow the browser's history, until the returned function is called. */
  followBrowser(): Unsubscribe;
  /** The tabs of the group that a tab is in. */
  groupOf(id: string): readonly OpenTab[];
  activate(id: string): void;
  closeTabs(ids: readonly string[]): void;
  keepTab(id: string): void;
  update(id: string, change: { params?: Record<string, string>; title?: string; dirty?: boolean }): void;
  /** Shows one group only, the active one, as long as there is no room for more. */
  setSingleGroup(single: boolean): void;
  /** What to keep of the layout. */
  saved(): unknown;
  reset(): void;
}

export interface EditorsOptions {
  /** Given, so that the docking library is no part of what the page loads first. */
  createDock: typeof createDock;
  editors: ReadonlyMap<string, EditorContribution>;
  welcome: EditorInput | undefined;
  /** Shown for an address that no editor knows; its subject is the address. */
  notFound: (address: string) => EditorInput;
  bar: AddressBar;
  context: ContextKeys;
  text: Translate;
  /** Asks before something unsaved is lost. */
  mayDiscard(title: string): Promise<boolean>;
  /** After every change of what is open that is worth keeping. */
  onArranged(): void;
}

/** How many closed editors can be opened again. */
const CLOSED_MAX = 20;
/** How far one command moves the line between groups, as in VS Code. */
const RESIZE_PIXELS = 60;

/** Makes the editors, empty until `start`. */
export function createEditors(options: EditorsOptions): EditorsStore {
  const { editors, bar, context, text } = options;
  const listeners = new Set<() => void>();
  let tabs: ReadonlyMap<string, OpenTab> = new Map();
  let closed: readonly EditorInput[] = [];
  let trail = trailFrom(bar.position);
  let nextId = 1;
  let isStarted = false;
  let isSingle = false;
  let lastSaved: unknown;
  /** While set, a change of the editor in front is no new step: the browser made it, or more changes follow. */
  let isQuiet = false;
  /** Tabs that make room for another: not remembered as closed. */
  const replaced = new Set<string>();

  const notFoundEditor = options.notFound('/').editor;
  const dock = options.createDock({
    faceOf: (id) => {
      const tab = tabs.get(id);
      if (tab === undefined) return undefined;
      const { title, icon } = tab.input;
      return { title, icon, preview: tab.preview, dirty: tab.dirty, closeTitle: text(shellText.closeTab, { title }) };
    },
    onAdded: (id, saved) => setTab({ id, input: inputOf(saved), preview: saved.preview, dirty: false }),
    onMounts: () => publish(),
  });
  const { api } = dock;
  let view: EditorsView = build();

  function build(): EditorsView {
    return {
      mounts: dock.mounts,
      tabs,
      visible: new Set(api.groups.flatMap(({ activePanel }) => (activePanel === undefined ? [] : [activePanel.id]))),
      active: api.activePanel?.id,
    };
  }

  function publish() {
    view = build();
    const active = activeTab();
    context.update({
      activeEditor: active?.input.editor,
      activeEditorSubject: active?.input.subject,
      activeEditorIsDirty: active?.dirty,
      activeEditorIsPreview: active?.preview,
      editorIsOpen: tabs.size > 0,
      editorGroupCount: api.groups.length,
      canGoBack: canGoBack(trail),
      canGoForward: canGoForward(trail),
      canReopenEditor: closed.length > 0,
    });
    for (const listener of [...listeners]) listener();
  }

  function setTab(tab: OpenTab) {
    tabs = new Map(tabs).set(tab.id, tab);
    const { input, dirty } = tab;
    const label = dirty ? text(shellText.unsaved, { title: input.title }) : input.title;
    const panel = api.getPanel(tab.id);
    if (panel !== undefined && panel.title !== label) panel.api.setTitle(label);
    dock.redraw(tab.id);
  }

  const activeTab = () => tabs.get(api.activePanel?.id ?? '');
  const idsOf = (group: DockviewGroupPanel | undefined) => group?.panels.map(({ id }) => id) ?? [];
  /** Groups from left to right, then from top to bottom. */
  const groupsInOrder = () =>
    api.groups
      .map((group) => ({ group, at: group.element.getBoundingClientRect() }))
      .sort((a, b) => a.at.left - b.at.left || a.at.top - b.at.top)
      .map(({ group }) => group);

  /** The panel of an input: in the active group rather than elsewhere. */
  function panelOf(key: string | undefined): IDockviewPanel | undefined {
    if (key === undefined) return api.activePanel;
    const has = ({ id }: IDockviewPanel) => {
      const tab = tabs.get(id);
      return tab !== undefined && editorKey(tab.input) === key;
    };
    return api.activeGroup?.panels.find(has) ?? api.panels.find(has);
  }

  function quietly(change: () => void) {
    const before = isQuiet;
    isQuiet = true;
    try {
      change();
    } finally {
      isQuiet = before;
    }
  }

  /** Lets the address follow the editor in front: as a new step of the history, or in place of the present one. */
  function follow(how: 'step' | 'inPlace') {
    const active = activeTab();
    const address = active === undefined ? '/' : addressFor(active.input);
    if (how === 'inPlace' || isQuiet) {
      if (!isQuiet && address !== bar.address) bar.replace(address, trail.position);
      return;
    }
    if (address === bar.address) return;
    trail = advance(trail);
    bar.push(address, trail.position);
  }

  const addressFor = (input: EditorInput) => addressOf(editors, input);

  function add(input: EditorInput, preview: boolean, place: Parameters<typeof api.addPanel>[0]['position']) {
    let id: string;
    do id = `tab-${nextId++}`;
    while (api.getPanel(id) !== undefined);
    return api.addPanel({
      id,
      component: 'editor',
      tabComponent: 'editor',
      title: input.title,
      params: savedOf(input, preview),
      ...(place === undefined ? {} : { position: place, floating: false }),
    });
  }

  function open(input: EditorInput, { preview = false, beside = false, focus = !preview }: OpenOptions = {}) {
    const group = api.activeGroup;
    const next = beside && !isSingle ? neighbour(groupsInOrder(), group, 'right') : group;
    const isOpenThere = next?.panels.find(({ id }) => {
      const tab = tabs.get(id);
      return tab !== undefined && editorKey(tab.input) === editorKey(input);
    });
    const present = isOpenThere ?? (beside ? undefined : panelOf(editorKey(input)));
    if (present !== undefined) {
      const tab = tabs.get(present.id);
      if (tab !== undefined) {
        const shown = { ...tab.input, params: input.params ?? tab.input.params ?? {} };
        if (!looksSame(shown, tab.input) || (tab.preview && !preview)) {
          setTab({ ...tab, input: shown, preview: tab.preview && preview });
        }
      }
      present.api.setActive();
      follow('step');
    } else if (beside && !isSingle && next === undefined && group !== undefined) {
      add(input, preview, { referenceGroup: group, direction: 'right' });
    } else if (next === undefined) {
      add(input, preview, undefined);
    } else {
      const old = preview ? next.panels.find(({ id }) => tabs.get(id)?.preview) : undefined;
      const at = old === undefined ? undefined : next.panels.indexOf(old);
      add(input, preview, { referenceGroup: next, direction: 'within', ...(at === undefined ? {} : { index: at }) });
      if (old !== undefined) {
        replaced.add(old.id);
        quietly(() => api.removePanel(old));
      }
    }
    publish();
    if (focus) focusEditor();
  }

  /** At once where the editor is drawn already: whoever types on must not type into what was left. */
  function focusEditor() {
    const before = document.activeElement;
    if (focusPane()) return;
    requestAnimationFrame(() => {
      // Who has opened something else since, such as the palette by its key, is typing there by now.
      const now = document.activeElement;
      if (now !== before && now !== document.body) return;
      if (!focusPane()) document.querySelector<HTMLElement>('[data-part="editors"]')?.focus();
    });
  }

  function focusPane(): boolean {
    const mount = dock.mounts.editors.find(({ id }) => id === api.activePanel?.id);
    const pane = mount?.element.querySelector<HTMLElement>('[data-editor-focus]');
    pane?.focus();
    return pane != null && document.activeElement === pane;
  }

  async function closeTabs(ids: readonly string[]) {
    for (const id of ids) {
      const panel = api.getPanel(id);
      const tab = tabs.get(id);
      if (panel === undefined) continue;
      if (tab?.dirty && !(await options.mayDiscard(tab.input.title))) return;
      const hadFocus = dock.element.contains(document.activeElement);
      api.removePanel(panel);
      if (hadFocus) focusEditor();
    }
  }

  function moveToGroup(direction: 'left' | 'right', key?: string) {
    const panel = panelOf(key);
    if (panel === undefined || isSingle) return;
    const target = neighbour(groupsInOrder(), panel.group, direction);
    if (target !== undefined) panel.api.moveTo({ group: target, position: 'center' });
    else if (panel.group.panels.length > 1) panel.api.moveTo({ group: panel.group, position: direction });
    else return;
    keepTab(panel.id);
    panel.api.setActive();
    focusEditor();
  }

  function keepTab(id: string) {
    const tab = tabs.get(id);
    if (tab?.preview) setTab({ ...tab, preview: false });
    publish();
    options.onArranged();
  }

  function openAddress(address: string, how?: OpenOptions): boolean {
    const input = inputAt(editors, address);
    if (input !== undefined) open(input, how);
    return input !== undefined;
  }

  /** Shows what the address bar says, or that nothing does. */
  function openBarAddress(address: string, preview: boolean) {
    if (!openAddress(address, { focus: false, preview }))
      open(options.notFound(address), { focus: false, preview: true });
  }

  const fitGroups = () => {
    if (isSingle && api.groups.length > 1 && api.activePanel !== undefined) api.maximizeGroup(api.activePanel);
    else if (!isSingle && api.hasMaximizedGroup()) api.exitMaximizedGroup();
  };

  api.onDidRemovePanel(({ id }) => {
    const tab = tabs.get(id);
    tabs = new Map([...tabs].filter(([each]) => each !== id));
    if (tab !== undefined && !replaced.delete(id)) closed = rememberClosed(closed, tab.input, editorKey, CLOSED_MAX);
    publish();
  });
  api.onDidActivePanelChange(() => {
    if (isStarted) follow('step');
    publish();
  });
  api.onDidActiveGroupChange(() => {
    fitGroups();
    publish();
  });
  api.onDidMovePanel(({ panel }) => keepTab(panel.id));
  api.onDidLayoutChange(() => {
    publish();
    if (isStarted) options.onArranged();
  });

  const onBrowserMoved = () => {
    trail = moveTo(trail, bar.position ?? 0);
    const address = bar.address;
    quietly(() => {
      if (address === '/' && options.welcome !== undefined) open(options.welcome, { focus: false });
      // Going back and forth leaves no trail of tabs.
      else openBarAddress(address, true);
    });
    publish();
  };

  return {
    dock,
    get view() {
      return view;
    },
    get active() {
      return activeTab()?.input;
    },
    get canGoBack() {
      return canGoBack(trail);
    },
    get canGoForward() {
      return canGoForward(trail);
    },
    start(saved) {
      if (isStarted) return;
      lastSaved = saved;
      const address = bar.address;
      quietly(() => {
        const readable = readSavedEditors(saved, (editor) => editors.has(editor) && editor !== notFoundEditor);
        if (readable !== undefined) {
          try {
            api.fromJSON(readable);
          } catch {
            // A layout that the dock cannot draw is as good as none.
            api.clear();
          }
        }
        if (address !== '/') openBarAddress(address, false);
        else if (tabs.size === 0 && options.welcome !== undefined) open(options.welcome, { focus: false });
      });
      isStarted = true;
      follow('inPlace');
      if (bar.position === undefined) bar.replace(bar.address, trail.position);
      publish();
    },
    followBrowser: () => bar.onDidMove(onBrowserMoved),
    open,
    openAddress,
    activate: (id) => api.getPanel(id)?.api.setActive(),
    close: (key) => {
      const panel = panelOf(key);
      if (panel !== undefined) void closeTabs([panel.id]);
    },
    closeTabs: (ids) => void closeTabs(ids),
    closeOthers(key) {
      const panel = panelOf(key);
      if (panel !== undefined) void closeTabs(othersOf(idsOf(panel.group), panel.id));
    },
    closeToTheRight(key) {
      const panel = panelOf(key);
      if (panel !== undefined) void closeTabs(rightOf(idsOf(panel.group), panel.id));
    },
    closeAll: () => void closeTabs(api.panels.map(({ id }) => id)),
    reopenClosed() {
      const [last, ...rest] = closed;
      if (last === undefined) return;
      closed = rest;
      open(last);
    },
    keep(key) {
      const panel = panelOf(key);
      if (panel !== undefined) keepTab(panel.id);
    },
    keepTab,
    split(key) {
      const panel = panelOf(key);
      const tab = tabs.get(panel?.id ?? '');
      if (panel === undefined || tab === undefined || isSingle) return;
      add(tab.input, false, { referenceGroup: panel.group, direction: 'right' });
      focusEditor();
    },
    moveToGroup,
    focusGroup(direction) {
      const group = neighbour(groupsInOrder(), api.activeGroup, direction);
      if (group?.activePanel === undefined) return;
      group.activePanel.api.setActive();
      focusEditor();
    },
    resizeGroup(by) {
      const group = api.activeGroup;
      if (group === undefined || isSingle) return;
      const { width, height } = group.api;
      group.api.setSize({ width: width + by * RESIZE_PIXELS, height: height + by * RESIZE_PIXELS });
    },
    step(by) {
      const id = stepFrom(idsOf(api.activeGroup), api.activePanel?.id, by);
      if (id === undefined) return;
      api.getPanel(id)?.api.setActive();
      focusEditor();
    },
    back() {
      if (canGoBack(trail)) bar.go(-1);
    },
    forward() {
      if (canGoForward(trail)) bar.go(1);
    },
    focus: focusEditor,
    permalink(key) {
      const tab = tabs.get(panelOf(key)?.id ?? '');
      return `${bar.origin}${tab === undefined ? '/' : addressFor(tab.input)}`;
    },
    list: () => api.panels.flatMap(({ id }) => tabs.get(id)?.input ?? []),
    groupOf: (id) => idsOf(api.getPanel(id)?.group).flatMap((each) => tabs.get(each) ?? []),
    update(id, { params, title, dirty }) {
      const tab = tabs.get(id);
      if (tab === undefined) return;
      const input = {
        ...tab.input,
        ...(params === undefined ? {} : { params }),
        ...(title === undefined ? {} : { title }),
      };
      const isSame = looksSame(input, tab.input) && input.title === tab.input.title;
      if (isSame && (dirty === undefined || dirty === tab.dirty)) return;
      setTab({ ...tab, input, dirty: dirty ?? tab.dirty, preview: tab.preview && dirty !== true });
      if (api.activePanel?.id === id && isStarted) follow('inPlace');
      publish();
      options.onArranged();
    },
    setSingleGroup(single) {
      isSingle = single;
      context.set('singleEditorGroup', single);
      fitGroups();
    },
    saved() {
      // While one group hides the others, writing the layout would shuffle them on the screen.
      if (api.hasMaximizedGroup()) return lastSaved;
      const layout = api.toJSON();
      const panels = Object.fromEntries(
        Object.entries(layout.panels).flatMap(([id, panel]) => {
          const tab = tabs.get(id);
          return tab === undefined ? [] : [[id, { ...panel, params: savedOf(tab.input, tab.preview) }]];
        }),
      );
      lastSaved = { ...layout, panels };
      return lastSaved;
    },
    reset() {
      quietly(() => {
        api.clear();
        if (options.welcome !== undefined) open(options.welcome, { focus: false });
      });
      follow('step');
      publish();
      // What had the focus may have gone with its editor.
      if (document.activeElement === null || document.activeElement === document.body) focusEditor();
    },
    onDidChange(listener): Unsubscribe {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
