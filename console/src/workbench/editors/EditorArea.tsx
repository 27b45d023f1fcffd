'use client';
/** The editors' part: the dock's element, what React puts into it, and what the mouse and keys do to its tabs. */
import { type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';
import { useText } from '../../i18n/I18n.tsx';
import { shellText } from '../messages.ts';
import { useEditors, useIsDrawn, useShell } from '../shell-context.tsx';
import { EditorPane } from './EditorPane.tsx';
import { GroupActions } from './GroupActions.tsx';
import { CLOSE_CLASS } from './tab.ts';
import { Watermark } from './Watermark.tsx';

/** All groups of editors, or what to do instead while none is open. */
export function EditorArea() {
  const { editors } = useShell();
  const view = useEditors();
  const isDrawn = useIsDrawn();
  const text = useText();
  const area = useRef<HTMLElement>(null);
  useDockElement(area);
  useTabGestures(area);
  useGroupNames();
  return (
    <main
      id="editors"
      className="editors"
      data-part="editors"
      tabIndex={-1}
      ref={area}
      aria-label={text(shellText.editors)}
    >
      {view.tabs.size === 0 ? <Watermark /> : null}
      {view.mounts.editors.map(({ id, element }) => {
        const tab = view.tabs.get(id);
        if (tab === undefined || !isDrawn) return null;
        return createPortal(
          <EditorPane
            key={id}
            tab={tab}
            isVisible={view.visible.has(id)}
            isActive={view.active === id}
            editors={editors}
          />,
          element,
          id,
        );
      })}
      {view.mounts.actions.map(({ id, element }) => createPortal(<GroupActions key={id} group={id} />, element, id))}
    </main>
  );
}

/** Puts the dock's element on the page before it is painted, and takes it off again. */
function useDockElement(area: RefObject<HTMLElement | null>) {
  const { editors } = useShell();
  useLayoutEffect(() => {
    const { element, api } = editors.dock;
    area.current?.append(element);
    api.layout(element.clientWidth, element.clientHeight, true);
    return () => element.remove();
  }, [editors, area]);
}

/** Close by mark or middle button, keep by double click or Enter, menu by the secondary button or its key. */
function useTabGestures(area: RefObject<HTMLElement | null>) {
  const { editors, services } = useShell();
  useEffect(() => {
    const root = area.current;
    if (root === null) return;
    const tabOf = (target: EventTarget | null) =>
      target instanceof Element ? target.closest<HTMLElement>('.dv-tab')?.dataset.tabPanelId : undefined;
    const isMark = (target: EventTarget | null) => target instanceof Element && target.classList.contains(CLOSE_CLASS);
    const control = new AbortController();
    const on = <K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void) =>
      root.addEventListener(type, listener, { capture: true, signal: control.signal });
    // A press on the mark must not bring the tab to the front first; the library leaves handled events alone.
    on('pointerdown', (event) => {
      if (isMark(event.target) || (event.button === 1 && tabOf(event.target) !== undefined)) event.preventDefault();
    });
    on('mousedown', (event) => {
      // The middle button would begin to scroll.
      if (event.button === 1 && tabOf(event.target) !== undefined) event.preventDefault();
    });
    on('click', (event) => {
      const id = tabOf(event.target);
      if (id !== undefined && isMark(event.target)) editors.closeTabs([id]);
    });
    on('auxclick', (event) => {
      const id = tabOf(event.target);
      if (id !== undefined && event.button === 1) editors.closeTabs([id]);
    });
    on('dblclick', (event) => {
      const id = tabOf(event.target);
      if (id !== undefined) editors.keepTab(id);
    });
    on('keydown', (event) => {
      const id =
        event.target instanceof Element && event.target.classList.contains('dv-tab') ? tabOf(event.target) : undefined;
      if (id === undefined) return;
      if (event.key === 'Enter' && editors.view.visible.has(id)) {
        editors.keepTab(id);
        editors.focus();
      } else if (event.key === 'Delete') {
        // Here rather than in the library: what is unsaved asks first.
        event.stopPropagation();
        event.preventDefault();
        editors.closeTabs([id]);
      } else if (event.key === 'Backspace') event.stopPropagation();
    });
    on('contextmenu', (event) => {
      const id = tabOf(event.target);
      const tab = id === undefined ? undefined : editors.view.tabs.get(id);
      if (id === undefined || tab === undefined || !(event.target instanceof Element)) return;
      event.preventDefault();
      event.stopPropagation();
      editors.activate(id);
      const element = event.target.closest<HTMLElement>('.dv-tab');
      const isByKey = event.clientX === 0 && event.clientY === 0;
      services.menus.openContext(
        'tab/context',
        isByKey && element !== null ? element : { x: event.clientX, y: event.clientY },
        tab.input,
      );
    });
    return () => control.abort();
  }, [editors, services, area]);
}

/** Names groups and their tab lists by number: by title, two groups on the same object could not be told apart. */
function useGroupNames() {
  const { editors } = useShell();
  const view = useEditors();
  const text = useText();
  useEffect(() => {
    // Again with every change: the library names a group after its editor whenever that changes.
    if (view.tabs.size === 0) return;
    for (const [index, { element }] of editors.dock.api.groups.entries()) {
      const name = text(shellText.editorGroup, { number: index + 1 });
      for (const each of [element, element.querySelector('[role="tablist"]')]) each?.setAttribute('aria-label', name);
    }
  }, [editors, view, text]);
}
