'use client';
/** The view that is in front, in sections that fold. */
import { memo, Suspense } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { Sash } from '../../ui/Sash.tsx';
import { Toolbar } from '../../ui/Toolbar.tsx';
import { useWhen } from '../commands/context-keys.ts';
import { FailureBoundary, messageOf } from '../Failure.tsx';
import { SIDE_BAR_WIDTH } from '../layout/layout-state.ts';
import { shellText } from '../messages.ts';
import type { ViewContainerContribution, ViewSection } from '../model.ts';
import { useIsDrawn, useLayout, useShell } from '../shell-context.tsx';
import { MenuToolbar } from './MenuToolbar.tsx';

export function SideBar() {
  const { contributions, layout } = useShell();
  const { sideBar, collapsed, room } = useLayout();
  const text = useText();
  const view = contributions.views.find(({ id }) => id === sideBar.view);
  if (!sideBar.visible || view === undefined) return null;
  const title = text(view.title);
  return (
    <aside
      id="side-bar"
      className="side-bar"
      data-part="sideBar"
      tabIndex={-1}
      aria-label={text(shellText.sideBar, { title })}
      onKeyDown={(event) => {
        // Where it lies over the editors, Escape gives them back.
        if (event.key === 'Escape' && !event.defaultPrevented && room !== 'full' && room !== 'medium') {
          layout.hideSideBar();
        }
      }}
    >
      <header className="part-title">
        <h2>{title}</h2>
        <Toolbar label={title}>
          <MenuToolbar menu="view/title" argument={view.id} />
        </Toolbar>
      </header>
      <Sections view={view} collapsed={collapsed} />
      {room === 'phone' ? null : (
        <Sash
          label={text(shellText.resizeSideBar)}
          orientation="vertical"
          value={sideBar.width}
          min={SIDE_BAR_WIDTH.min}
          max={SIDE_BAR_WIDTH.max}
          onChange={layout.setSideBarWidth}
          onReset={() => layout.setSideBarWidth(SIDE_BAR_WIDTH.initial)}
        />
      )}
    </aside>
  );
}

/** Not drawn again while the bar is being resized. */
const Sections = memo(function Sections({
  view,
  collapsed,
}: {
  view: ViewContainerContribution;
  collapsed: ReadonlySet<string>;
}) {
  const isOnlyOne = view.sections.length === 1;
  return (
    <div className="sections" key={view.id}>
      {view.sections.map((section) => (
        <Section key={section.id} section={section} isOnlyOne={isOnlyOne} isFolded={collapsed.has(section.id)} />
      ))}
    </div>
  );
});

interface SectionProps {
  section: ViewSection;
  isOnlyOne: boolean;
  isFolded: boolean;
}

function Section({ section, isOnlyOne, isFolded }: SectionProps) {
  const { services, layout } = useShell();
  const text = useText();
  const isThere = useWhen(services.context, section.when);
  const isDrawn = useIsDrawn();
  if (!isThere) return null;
  const title = text(section.title);
  const isOpen = isOnlyOne || !isFolded;
  return (
    <section
      className={`section ${isOpen ? 'open' : ''}`}
      aria-label={title}
      style={isOpen && section.height !== undefined ? { flex: `0 0 ${section.height}px` } : undefined}
    >
      {isOnlyOne ? null : (
        <h3 className="section-title">
          <button type="button" aria-expanded={isOpen} onClick={() => layout.toggleSection(section.id)}>
            <i className={`codicon codicon-chevron-${isOpen ? 'down' : 'right'}`} aria-hidden="true" />
            {title}
          </button>
        </h3>
      )}
      {isOpen ? (
        <div className="view">
          <FailureBoundary instead={(error, retry) => <PartFailed title={title} error={error} retry={retry} />}>
            <Suspense fallback={null}>{isDrawn ? <section.component /> : null}</Suspense>
          </FailureBoundary>
        </div>
      ) : null}
    </section>
  );
}

/** In place of a view or panel that failed. */
export function PartFailed({ title, error, retry }: { title: string; error: unknown; retry: () => void }) {
  const text = useText();
  return (
    <div className="notice" role="alert">
      <span className="state error">
        <i className="codicon codicon-error" aria-hidden="true" />
        {text(shellText.viewFailed, { title })}
      </span>
      <span>{text(shellText.editorFailedWhy, { message: messageOf(error) })}</span>
      <button type="button" className="button" onClick={retry}>
        {text(shellText.reloadEditor)}
      </button>
    </div>
  );
}
