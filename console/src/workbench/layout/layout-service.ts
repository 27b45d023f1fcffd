/** The parts round the editors: which are shown, how large, what is in front in them. What the user arranges is saved. */
import type { ContextKeys } from '../commands/context-keys.ts';
import type { Contributions } from '../model.ts';
import type { LayoutService, Part, Unsubscribe } from '../services.tsx';
import { createFocusParts, nextPart } from './focus-parts.ts';
import {
  firstLayout,
  PANEL_HEIGHT,
  type Room,
  type RoomChoice,
  type SavedLayout,
  SIDE_BAR_WIDTH,
  shownParts,
  sideBarOverlays,
  within,
} from './layout-state.ts';

/** The layout as the shell draws it. A new object whenever anything in it changed. */
export interface LayoutView {
  readonly room: Room;
  readonly sideBar: { readonly visible: boolean; readonly width: number; readonly view: string | undefined };
  readonly panel: {
    readonly visible: boolean;
    readonly height: number;
    readonly maximized: boolean;
    readonly active: string | undefined;
  };
  readonly collapsed: ReadonlySet<string>;
}

/** The layout with what only the shell itself may do. */
export interface LayoutStore extends LayoutService {
  readonly view: LayoutView;
  /** What to keep: the parts, without the editors. */
  saved(): Omit<SavedLayout, 'editors' | 'savedAtMs'>;
  setRoom(room: Room): void;
  setSideBarWidth(pixels: number): void;
  setPanelHeight(pixels: number): void;
  /** Puts a view in front, or hides the side bar if it is in front already; as a click on its icon does. */
  pickView(id: string): void;
  hideSideBar(): void;
  setPanel(id: string): void;
  toggleSection(id: string): void;
  /** Keeps track of the focus among the parts, until the returned function is called. */
  watchFocus(): Unsubscribe;
}

export interface LayoutOptions {
  contributions: Pick<Contributions, 'views' | 'panels'>;
  saved: SavedLayout;
  room: Room;
  context: ContextKeys;
  page: Document;
  /** After every change that is worth keeping. */
  onArranged(): void;
  /** Empties the editors for a reset. */
  resetEditors(): void;
}

/** Makes the layout from what was saved. */
export function createLayout(options: LayoutOptions): LayoutStore {
  const { contributions, context, page } = options;
  const listeners = new Set<() => void>();
  const parts = createFocusParts(page);
  let saved = options.saved;
  let room = options.room;
  let choice: RoomChoice = {};
  let view = build();

  function build(): LayoutView {
    const { sideBar, panel, collapsed } = saved;
    const shown = shownParts(saved, room, choice);
    return {
      room,
      sideBar: {
        visible: shown.sideBar,
        width: sideBar.width,
        view: contributions.views.find(({ id }) => id === sideBar.view)?.id ?? contributions.views[0]?.id,
      },
      panel: {
        visible: shown.panel && contributions.panels.length > 0,
        height: panel.height,
        maximized: panel.maximized,
        active: contributions.panels.find(({ id }) => id === panel.active)?.id ?? contributions.panels[0]?.id,
      },
      collapsed: new Set(collapsed),
    };
  }

  function publish() {
    view = build();
    context.update({
      activeView: view.sideBar.view,
      activePanel: view.panel.active,
      sideBarVisible: view.sideBar.visible,
      panelVisible: view.panel.visible,
      panelMaximized: view.panel.maximized,
      room,
    });
    for (const listener of [...listeners]) listener();
  }

  function arrange(next: Partial<SavedLayout>) {
    saved = { ...saved, ...next };
    publish();
    options.onArranged();
  }

  /** Shows or hides for good where there is room, else until the room changes. */
  function setShown(part: 'sideBar' | 'panel', visible: boolean) {
    const hadFocus = parts.partOf(page.activeElement) === part;
    const keeps = room === 'full' || (room === 'medium' && part === 'sideBar');
    if (keeps) arrange({ [part]: { ...saved[part], visible } });
    else {
      choice = { ...choice, [part]: visible };
      publish();
    }
    if (!visible && hadFocus) focusSoon('editors');
  }

  /**
   * Focuses a part once what was just changed is on the page, unless somebody is in the palette or a dialog by then: what they asked for earlier, and
   * an answer that took its time, are no reason to take the keyboard from them.
   */
  function focusSoon(part: Part) {
    requestAnimationFrame(() => {
      const now = page.activeElement;
      if (now === page.body || now === null || parts.partOf(now) !== undefined) parts.focus(part);
    });
  }

  const setView = (id: string) => arrange({ sideBar: { ...saved.sideBar, view: id } });
  const setPanel = (id: string) => arrange({ panel: { ...saved.panel, active: id } });

  const showView = (id: string) => {
    setView(id);
    setShown('sideBar', true);
    focusSoon('sideBar');
  };
  const showPanel = (id: string) => {
    setPanel(id);
    setShown('panel', true);
    focusSoon('panel');
  };

  publish();
  return {
    get view() {
      return view;
    },
    get room() {
      return room;
    },
    saved() {
      const { sideBar, panel, collapsed } = saved;
      return { version: 1, sideBar, panel, collapsed };
    },
    setRoom(next) {
      if (next === room) return;
      room = next;
      choice = {};
      publish();
    },
    setSideBarWidth: (pixels) => arrange({ sideBar: { ...saved.sideBar, width: within(SIDE_BAR_WIDTH, pixels) } }),
    setPanelHeight: (pixels) =>
      arrange({ panel: { ...saved.panel, maximized: false, height: within(PANEL_HEIGHT, pixels) } }),
    pickView(id) {
      const hide = view.sideBar.visible && view.sideBar.view === id;
      if (!hide) setView(id);
      setShown('sideBar', !hide);
    },
    showView,
    showViewAt(place) {
      const container = contributions.views[place - 1];
      if (container !== undefined) showView(container.id);
      return container !== undefined;
    },
    showPanel,
    stepPanel(by) {
      const ids = contributions.panels.map(({ id }) => id);
      const at = ids.indexOf(view.panel.active ?? '');
      const id = ids[(at + by + ids.length) % ids.length];
      if (id !== undefined) showPanel(id);
    },
    setPanel,
    toggleSideBar: () => setShown('sideBar', !view.sideBar.visible),
    togglePanel: () => setShown('panel', !view.panel.visible),
    hideSideBar: () => setShown('sideBar', false),
    hidePanel: () => setShown('panel', false),
    toggleMaximizedPanel() {
      const maximized = !(view.panel.visible && view.panel.maximized);
      arrange({ panel: { ...saved.panel, maximized } });
      setShown('panel', true);
    },
    toggleSection(id) {
      const collapsed = saved.collapsed.includes(id)
        ? saved.collapsed.filter((each) => each !== id)
        : [...saved.collapsed, id];
      arrange({ collapsed });
    },
    focusPart(part) {
      // At once where it can be: whoever types on must not type into what was left.
      if (parts.focus(part)) return;
      if (part === 'sideBar' || part === 'panel') setShown(part, true);
      focusSoon(part);
    },
    cyclePart(by) {
      const next = nextPart(parts.shown(), parts.partOf(page.activeElement), by);
      if (next !== undefined) parts.focus(next);
    },
    reset() {
      choice = {};
      options.resetEditors();
      arrange({ ...firstLayout });
      // What had the focus may be gone with the editors; the keyboard is not to be left nowhere.
      requestAnimationFrame(() => {
        if (page.activeElement === null || page.activeElement === page.body) parts.focus('editors');
      });
    },
    onDidChange(listener): Unsubscribe {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    watchFocus() {
      const onFocusIn = () => {
        const part = parts.partOf(page.activeElement);
        context.update({
          editorFocus: part === 'editors',
          sideBarFocus: part === 'sideBar',
          panelFocus: part === 'panel',
          inputFocus: isTypedInto(page.activeElement),
        });
        // Whoever goes on to the editors wants to see them.
        if (part === 'editors' && sideBarOverlays(room) && view.sideBar.visible) setShown('sideBar', false);
      };
      page.addEventListener('focusin', onFocusIn);
      const stop = parts.watch();
      return () => {
        page.removeEventListener('focusin', onFocusIn);
        stop();
      };
    },
  };
}

const NOT_TYPED_INTO = new Set(['button', 'checkbox', 'radio', 'range', 'reset', 'submit']);

/** Whether keys typed there are text. */
function isTypedInto(element: Element | null): boolean {
  if (element instanceof HTMLInputElement) return !NOT_TYPED_INTO.has(element.type);
  return element instanceof HTMLTextAreaElement || (element instanceof HTMLElement && element.isContentEditable);
}
