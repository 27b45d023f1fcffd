/**
 * The docking library behind the editors: groups side by side, tabs, dragging. It owns elements; React fills them through portals. Everything this
 * program knows of the library is in this file and in the service beside it.
 */
import { createDockview, type DockviewApi, type DockviewGroupPanel, type IContentRenderer } from 'dockview-core';
import type { SavedEditor } from './saved-editors.ts';
import { createTab, type TabFace } from './tab.ts';

/** An element of the library that React is to fill. */
export interface Mount {
  readonly id: string;
  readonly element: HTMLElement;
}

/** The docks's elements, as React reads them. New arrays whenever one comes or goes. */
export interface Mounts {
  /** One per open tab; `id` is the tab's. */
  readonly editors: readonly Mount[];
  /** One per group, at the right end of its tabs; `id` is the group's. */
  readonly actions: readonly Mount[];
}

/** What the dock asks of the service that owns it. */
export interface DockHost {
  /** What a tab shows; `undefined` once it is gone. */
  faceOf(panel: string): TabFace | undefined;
  /** A tab came with what it keeps: opened, or read back from a layout. */
  onAdded(panel: string, saved: SavedEditor): void;
  onMounts(): void;
}

export interface Dock {
  readonly api: DockviewApi;
  readonly element: HTMLElement;
  readonly mounts: Mounts;
  /** Draws a tab again. */
  redraw(panel: string): void;
}

/** Makes an empty dock on an element that is not on the page yet. */
export function createDock(host: DockHost): Dock {
  const element = document.createElement('div');
  element.className = 'dock';
  const tabs = new Map<string, () => void>();
  let mounts: Mounts = { editors: [], actions: [] };
  const add = (kind: keyof Mounts, mount: Mount) => {
    mounts = { ...mounts, [kind]: [...mounts[kind], mount] };
    host.onMounts();
  };
  const remove = (kind: keyof Mounts, mount: Mount) => {
    mounts = { ...mounts, [kind]: mounts[kind].filter((each) => each !== mount) };
    host.onMounts();
  };

  const api = createDockview(element, {
    createComponent: ({ id }) => editorRenderer(id, host, add, remove),
    createTabComponent: ({ id }) => {
      const tab = createTab(() => host.faceOf(id));
      return {
        element: tab.element,
        init: () => {
          tabs.set(id, tab.draw);
          tab.draw();
        },
        dispose: () => {
          if (tabs.get(id) === tab.draw) tabs.delete(id);
        },
      };
    },
    createRightHeaderActionComponent: (group: DockviewGroupPanel) => {
      const mount = { id: group.id, element: emptyElement('group-actions') };
      return {
        element: mount.element,
        init: () => add('actions', mount),
        dispose: () => remove('actions', mount),
      };
    },
    theme: { name: 'harp', className: 'dock-theme', dndTabIndicator: 'line' },
    disableFloatingGroups: true,
    // The strip's own list of hidden tabs cannot be reached by keyboard; a button of the group's actions offers the same.
    disableTabsOverflowList: true,
    scrollbars: 'native',
    // The shell announces what matters, in the reader's language.
    announcements: false,
    defaultRenderer: 'onlyWhenVisible',
  });

  return {
    api,
    element,
    get mounts() {
      return mounts;
    },
    redraw: (panel) => tabs.get(panel)?.(),
  };
}

function emptyElement(className: string): HTMLElement {
  const element = document.createElement('div');
  element.className = className;
  return element;
}

type Change = (kind: keyof Mounts, mount: Mount) => void;

/** The element of one editor. It leaves the page while its tab is behind; how far it was scrolled comes back with it. */
function editorRenderer(id: string, host: DockHost, add: Change, remove: Change): IContentRenderer {
  const mount = { id, element: emptyElement('editor-host') };
  let scrolled: { element: Element; top: number; left: number }[] = [];
  const restore = () => {
    for (const { element, top, left } of scrolled) element.scrollTo({ top, left, behavior: 'instant' });
  };
  mount.element.addEventListener(
    'scroll',
    ({ target }) => {
      if (!(target instanceof Element)) return;
      scrolled = scrolled.filter(({ element }) => element !== target && element.isConnected);
      scrolled.push({ element: target, top: target.scrollTop, left: target.scrollLeft });
    },
    { capture: true, passive: true },
  );
  return {
    element: mount.element,
    init: ({ params }) => {
      host.onAdded(id, params as SavedEditor);
      add('editors', mount);
    },
    onShow: () => requestAnimationFrame(restore),
    dispose: () => remove('editors', mount),
  };
}
