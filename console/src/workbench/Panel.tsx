'use client';
import { useRef, useState } from 'react';
import type { Contributions, WorkbenchActions } from './model.ts';

interface PanelProps {
  panels: Contributions['panels'];
  workbench: WorkbenchActions;
  close: () => void;
}

/** The panel below the editors, one tab per contribution. */
export function Panel({ panels, workbench, close }: PanelProps) {
  const [activeId, setActiveId] = useState(panels[0]?.id);
  const tabs = useRef<HTMLDivElement>(null);
  const active = panels.find(({ id }) => id === activeId);
  const move = (from: number, step: number) => {
    tabs.current?.querySelectorAll<HTMLElement>('[role="tab"]')[(from + step + panels.length) % panels.length]?.focus();
  };
  return (
    <section className="panel" aria-label="Panel">
      <div className="panel-tabs">
        <div role="tablist" aria-label="Panel" ref={tabs}>
          {panels.map(({ id, title }, index) => (
            <button
              key={id}
              type="button"
              role="tab"
              aria-selected={id === activeId}
              aria-controls="panel-body"
              tabIndex={id === activeId ? 0 : -1}
              onClick={() => setActiveId(id)}
              onKeyDown={(event) => {
                if (event.key === 'ArrowRight') move(index, 1);
                else if (event.key === 'ArrowLeft') move(index, -1);
              }}
            >
              {title}
            </button>
          ))}
        </div>
        <span className="spacer" />
        <button
          type="button"
          className="icon-button"
          title="Close Panel (Ctrl+J)"
          aria-label="Close Panel"
          onClick={close}
        >
          <i className="codicon codicon-close" aria-hidden="true" />
        </button>
      </div>
      <div
        className="panel-body"
        id="panel-body"
        role="tabpanel"
        aria-label={active?.title}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
        tabIndex={0}
      >
        {active === undefined ? null : <active.component workbench={workbench} />}
      </div>
    </section>
  );
}
