'use client';
/**
 * The shell: title bar, activity bar, side bar, editors, panel, status bar, and the keys that move between them. It shows what contributions
 * bring and names none of them.
 */
import { type ReactNode, useEffect, useReducer, useRef, useState } from 'react';
import { EditorArea } from './EditorArea.tsx';
import type { Contributions, WorkbenchActions } from './model.ts';
import { Panel } from './Panel.tsx';
import { noTabs, reduceTabs } from './tabs.ts';

export interface WorkbenchProps {
  contributions: Contributions;
  /** Who is signed in, and how to leave. */
  account: ReactNode;
}

/** Below this width the editor needs the room that the panel would take: it starts closed. */
const NARROW_PIXELS = 768;

/** Parts in the order F6 visits them. */
const PARTS = [
  '.activity-bar [tabindex="0"]',
  '.side-bar [tabindex="0"]',
  '.tab-strip [tabindex="0"]',
  '.panel-tabs [tabindex="0"]',
];

export function Workbench({ contributions, account }: WorkbenchProps) {
  const { views, panels, status, welcome } = contributions;
  const [tabs, dispatch] = useReducer(reduceTabs, welcome, (input) =>
    input ? reduceTabs(noTabs, { type: 'open', input }) : noTabs,
  );
  const [viewId, setViewId] = useState(views[0]?.id);
  const [sideOpen, setSideOpen] = useState(true);
  const [panelOpen, setPanelOpen] = useState(() => window.innerWidth >= NARROW_PIXELS);
  const root = useRef<HTMLDivElement>(null);
  const workbench: WorkbenchActions = { open: (input) => dispatch({ type: 'open', input }) };
  const view = views.find(({ id }) => id === viewId);

  useEffect(() => {
    const focusPart = (step: number) => {
      const parts = PARTS.map((selector) => root.current?.querySelector<HTMLElement>(selector)).filter(
        (part) => part != null,
      );
      const inside = parts.findIndex((part) =>
        part.closest('.activity-bar, .side-bar, .editors, .panel')?.contains(document.activeElement),
      );
      parts[(Math.max(inside, step > 0 ? -1 : 0) + step + parts.length) % parts.length]?.focus();
    };
    const onKeyDown = (event: KeyboardEvent) => {
      const control = event.ctrlKey || event.metaKey;
      if (event.key === 'F6') focusPart(event.shiftKey ? -1 : 1);
      else if (control && !event.shiftKey && event.key.toLowerCase() === 'b') setSideOpen((open) => !open);
      else if (control && !event.shiftKey && event.key.toLowerCase() === 'j') setPanelOpen((open) => !open);
      else if (event.altKey && event.key === ']') dispatch({ type: 'next' });
      else if (event.altKey && event.key === '[') dispatch({ type: 'previous' });
      else if (event.altKey && event.key.toLowerCase() === 'w') {
        if (tabs.activeKey !== undefined) dispatch({ type: 'close', key: tabs.activeKey });
      } else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [tabs.activeKey]);

  const selectView = (id: string) => {
    setSideOpen(!(sideOpen && id === viewId));
    setViewId(id);
  };

  return (
    <div className={`workbench ${sideOpen ? '' : 'no-side'}`} ref={root}>
      <header className="title-bar">
        <a className="skip-link" href="#editor">
          Skip to editor
        </a>
        <span className="name">Harp</span>
        <span className="spacer" />
        <LayoutToggle
          icon="layout-sidebar-left"
          title="Toggle Side Bar (Ctrl+B)"
          on={sideOpen}
          toggle={() => setSideOpen(!sideOpen)}
        />
        <LayoutToggle
          icon="layout-panel"
          title="Toggle Panel (Ctrl+J)"
          on={panelOpen}
          toggle={() => setPanelOpen(!panelOpen)}
        />
        {account}
      </header>
      <nav className="activity-bar" aria-label="Views">
        <ViewSwitch views={views} activeId={sideOpen ? viewId : undefined} rovingId={viewId} select={selectView} />
      </nav>
      <aside className="side-bar" aria-label={view?.title} hidden={!sideOpen}>
        {view === undefined ? null : (
          <>
            <header>{view.title}</header>
            <div className="view">
              <view.component workbench={workbench} />
            </div>
          </>
        )}
      </aside>
      <main className="main">
        <EditorArea tabs={tabs} dispatch={dispatch} editors={contributions.editors} workbench={workbench} />
        {panelOpen ? <Panel panels={panels} workbench={workbench} close={() => setPanelOpen(false)} /> : null}
      </main>
      <footer className="status-bar">
        {status
          .filter(({ side }) => side === 'left')
          .map(({ id, component: Item }) => (
            <Item key={id} />
          ))}
        <span className="spacer" />
        {status
          .filter(({ side }) => side === 'right')
          .map(({ id, component: Item }) => (
            <Item key={id} />
          ))}
      </footer>
    </div>
  );
}

function LayoutToggle({ icon, title, on, toggle }: { icon: string; title: string; on: boolean; toggle: () => void }) {
  return (
    <button type="button" className="icon-button" title={title} aria-label={title} aria-pressed={on} onClick={toggle}>
      <i className={`codicon codicon-${icon}`} aria-hidden="true" />
    </button>
  );
}

interface ViewSwitchProps {
  views: Contributions['views'];
  activeId: string | undefined;
  rovingId: string | undefined;
  select: (id: string) => void;
}

function ViewSwitch({ views, activeId, rovingId, select }: ViewSwitchProps) {
  const list = useRef<HTMLDivElement>(null);
  const move = (from: number, step: number) => {
    list.current?.querySelectorAll('button')[(from + step + views.length) % views.length]?.focus();
  };
  return (
    <div role="tablist" aria-label="Views" aria-orientation="vertical" ref={list}>
      {views.map(({ id, title, icon }, index) => (
        <button
          key={id}
          type="button"
          role="tab"
          aria-selected={id === activeId}
          aria-label={title}
          title={title}
          tabIndex={id === rovingId ? 0 : -1}
          onClick={() => select(id)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown' || event.key === 'ArrowRight') move(index, 1);
            else if (event.key === 'ArrowUp' || event.key === 'ArrowLeft') move(index, -1);
          }}
        >
          <i className={`codicon codicon-${icon}`} aria-hidden="true" />
        </button>
      ))}
    </div>
  );
}
