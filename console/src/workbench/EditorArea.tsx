'use client';
import { type Dispatch, useRef } from 'react';
import type { Contributions, WorkbenchActions } from './model.ts';
import { type Tabs, type TabsAction, tabKey } from './tabs.ts';

interface EditorAreaProps {
  tabs: Tabs;
  dispatch: Dispatch<TabsAction>;
  editors: Contributions['editors'];
  workbench: WorkbenchActions;
}

/** Tabs and the editor in front. Arrow keys move between tabs without switching; Enter switches (manual activation). */
export function EditorArea({ tabs, dispatch, editors, workbench }: EditorAreaProps) {
  const strip = useRef<HTMLDivElement>(null);
  const active = tabs.open.find((input) => tabKey(input) === tabs.activeKey);
  const Editor = active === undefined ? undefined : editors.get(active.editor)?.component;
  const move = (from: number, step: number) => {
    const all = strip.current?.querySelectorAll<HTMLElement>('[role="tab"]') ?? [];
    all[(from + step + all.length) % all.length]?.focus();
  };
  return (
    <div className="editors">
      {tabs.open.length === 0 ? null : (
        <div className="tab-strip" role="tablist" aria-label="Editors" ref={strip}>
          {tabs.open.map((input, index) => {
            const key = tabKey(input);
            const isActive = key === tabs.activeKey;
            return (
              <div key={key} className={`tab ${isActive ? 'active' : ''}`} role="presentation">
                <button
                  type="button"
                  role="tab"
                  id={`tab-${index}`}
                  aria-selected={isActive}
                  aria-controls="editor"
                  tabIndex={isActive ? 0 : -1}
                  onClick={() => dispatch({ type: 'activate', key })}
                  onKeyDown={(event) => {
                    if (event.key === 'ArrowRight') move(index, 1);
                    else if (event.key === 'ArrowLeft') move(index, -1);
                    else if (event.key === 'Delete') dispatch({ type: 'close', key });
                  }}
                >
                  <i className={`codicon codicon-${input.icon}`} aria-hidden="true" />
                  {input.title}
                </button>
                <button
                  type="button"
                  className="close"
                  tabIndex={-1}
                  aria-hidden="true"
                  title={`Close ${input.title} (Alt+W)`}
                  onClick={() => dispatch({ type: 'close', key })}
                >
                  <i className="codicon codicon-close" />
                </button>
              </div>
            );
          })}
        </div>
      )}
      <div
        id="editor"
        className="editor"
        role="tabpanel"
        tabIndex={-1}
        aria-label={active?.title ?? 'No editor is open'}
      >
        {active === undefined || Editor === undefined ? (
          <div className="notice muted">Nothing is open. Choose something in the side bar.</div>
        ) : (
          <Editor key={tabs.activeKey} subject={active.subject} workbench={workbench} />
        )}
      </div>
    </div>
  );
}
