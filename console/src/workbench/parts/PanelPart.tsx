'use client';
/** The panel below the editors: a tab per contribution. */
import { memo, Suspense, useLayoutEffect, useRef } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { revealSelected } from '../../ui/roving.ts';
import { Sash } from '../../ui/Sash.tsx';
import { Loading } from '../../ui/states.tsx';
import { Toolbar } from '../../ui/Toolbar.tsx';
import { FailureBoundary } from '../Failure.tsx';
import { PANEL_HEIGHT } from '../layout/layout-state.ts';
import { shellText } from '../messages.ts';
import type { PanelContribution } from '../model.ts';
import { useIsDrawn, useLayout, useShell } from '../shell-context.tsx';
import { Badge } from './Badge.tsx';
import { MenuToolbar } from './MenuToolbar.tsx';
import { PartFailed } from './SideBar.tsx';
import { ToolbarButton } from './ToolbarButton.tsx';

export function PanelPart() {
  const { contributions, layout } = useShell();
  const { panel, room } = useLayout();
  const text = useText();
  const active = contributions.panels.find(({ id }) => id === panel.active);
  if (!panel.visible || active === undefined) return null;
  return (
    <section id="panel" className="panel" data-part="panel" tabIndex={-1} aria-label={text(shellText.panel)}>
      {panel.maximized ? null : (
        <Sash
          label={text(shellText.resizePanel)}
          orientation="horizontal"
          value={panel.height}
          min={PANEL_HEIGHT.min}
          max={PANEL_HEIGHT.max}
          isReversed
          onChange={layout.setPanelHeight}
          onReset={() => layout.setPanelHeight(PANEL_HEIGHT.initial)}
        />
      )}
      <div className="panel-header">
        <PanelTabs active={active.id} />
        <Toolbar label={text(shellText.panel)}>
          <MenuToolbar menu="panel/title" argument={active.id} />
          {room === 'phone' ? null : (
            <ToolbarButton
              command="workbench.action.toggleMaximizedPanel"
              icon={panel.maximized ? 'chevron-down' : 'chevron-up'}
            />
          )}
          <ToolbarButton command="workbench.action.closePanel" icon="close" />
        </Toolbar>
      </div>
      <PanelBody panel={active} />
    </section>
  );
}

function PanelTabs({ active }: { active: string }) {
  const { contributions, layout } = useShell();
  const text = useText();
  const list = useRef<HTMLDivElement>(null);
  const { panels } = contributions;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab may be one that is out of sight
  useLayoutEffect(() => revealSelected(list.current), [active]);
  const focus = (to: number) => {
    list.current?.querySelectorAll('button')[(to + panels.length) % panels.length]?.focus();
  };
  return (
    <div className="panel-tabs" role="tablist" aria-label={text(shellText.panel)} ref={list}>
      {panels.map(({ id, title, badge }, index) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`panel-tab-${id}`}
          aria-selected={id === active}
          aria-controls="panel-body"
          tabIndex={id === active ? 0 : -1}
          onClick={() => layout.setPanel(id)}
          onKeyDown={(event) => {
            const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: panels.length - 1 }[event.key];
            if (to === undefined) return;
            event.preventDefault();
            focus(to);
          }}
        >
          {text(title)}
          {badge === undefined ? null : <Badge useValue={badge} />}
        </button>
      ))}
    </div>
  );
}

/** Not drawn again while the panel is being resized. */
const PanelBody = memo(function PanelBody({ panel }: { panel: PanelContribution }) {
  const text = useText();
  const isDrawn = useIsDrawn();
  return (
    <div
      className="panel-body"
      id="panel-body"
      role="tabpanel"
      aria-labelledby={`panel-tab-${panel.id}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
      tabIndex={0}
    >
      <FailureBoundary
        key={panel.id}
        instead={(error, retry) => <PartFailed title={text(panel.title)} error={error} retry={retry} />}
      >
        <Suspense fallback={<Loading what={text(panel.title)} />}>{isDrawn ? <panel.component /> : null}</Suspense>
      </FailureBoundary>
    </div>
  );
});
