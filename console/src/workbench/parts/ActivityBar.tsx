'use client';
/** The bar of views at the edge: an icon per view container, and the menus of account and installation. */
import { useRef } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { shellText } from '../messages.ts';
import type { ViewContainerContribution } from '../model.ts';
import { useLayout, useShell } from '../shell-context.tsx';
import { Badge } from './Badge.tsx';
import { GlobalMenus } from './GlobalMenus.tsx';

/** Arrow keys move among the icons, Enter or a click shows the view; again, it hides the side bar. */
export function ActivityBar() {
  const { contributions, layout } = useShell();
  const { sideBar, room } = useLayout();
  const text = useText();
  const list = useRef<HTMLDivElement>(null);
  const { views } = contributions;
  const move = (to: number) => {
    list.current?.querySelectorAll('button')[(to + views.length) % views.length]?.focus();
  };
  return (
    <nav className="activity-bar" data-part="activity" tabIndex={-1} aria-label={text(shellText.activityBar)}>
      <div
        role="tablist"
        aria-label={text(shellText.views)}
        aria-orientation={room === 'phone' ? 'horizontal' : 'vertical'}
        ref={list}
      >
        {views.map((view, index) => (
          <ViewIcon
            key={view.id}
            view={view}
            isShown={sideBar.visible && view.id === sideBar.view}
            isStop={view.id === sideBar.view}
            onPick={() => layout.pickView(view.id)}
            onMove={(to) => move(to === 'first' ? 0 : to === 'last' ? views.length - 1 : index + to)}
          />
        ))}
      </div>
      {room === 'phone' ? null : <GlobalMenus />}
    </nav>
  );
}

interface ViewIconProps {
  view: ViewContainerContribution;
  isShown: boolean;
  isStop: boolean;
  onPick(): void;
  onMove(to: 1 | -1 | 'first' | 'last'): void;
}

const STEPS: Readonly<Record<string, 1 | -1 | 'first' | 'last'>> = {
  ArrowDown: 1,
  ArrowRight: 1,
  ArrowUp: -1,
  ArrowLeft: -1,
  Home: 'first',
  End: 'last',
};

function ViewIcon({ view, isShown, isStop, onPick, onMove }: ViewIconProps) {
  const text = useText();
  const title = text(view.title);
  return (
    <button
      type="button"
      role="tab"
      aria-selected={isShown}
      aria-controls="side-bar"
      aria-label={title}
      title={title}
      tabIndex={isStop ? 0 : -1}
      onClick={onPick}
      onKeyDown={(event) => {
        const step = STEPS[event.key];
        if (step === undefined) return;
        event.preventDefault();
        onMove(step);
      }}
    >
      <i className={`codicon codicon-${view.icon}`} aria-hidden="true" />
      {view.badge === undefined ? null : <Badge useValue={view.badge} />}
    </button>
  );
}
