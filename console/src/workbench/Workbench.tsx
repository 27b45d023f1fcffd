'use client';
/**
 * The shell: title bar, activity bar, side bar, editors, panel, status bar. It shows what contributions bring and names none of them.
 */
import {
  type CSSProperties,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import { I18nProvider, useText } from '../i18n/I18n.tsx';
import { type UiHost, UiHostProvider } from '../ui/host.tsx';
import { createShell, type LivingShell, type ShellOptions } from './create-shell.ts';
import { EditorArea } from './editors/EditorArea.tsx';
import { byteUnitsSetting, localeSetting } from './locale-setting.ts';
import { ContextMenuHost } from './menus/ContextMenuHost.tsx';
import { shellText } from './messages.ts';
import { NotificationCentre } from './notifications/NotificationCentre.tsx';
import { Toasts } from './notifications/Toasts.tsx';
import { ActivityBar } from './parts/ActivityBar.tsx';
import { PanelPart } from './parts/PanelPart.tsx';
import { SideBar } from './parts/SideBar.tsx';
import { StatusBar } from './parts/StatusBar.tsx';
import { TitleBar } from './parts/TitleBar.tsx';
import { QuickInputHost } from './quick-input/QuickInputHost.tsx';
import { useActiveEditor, useWorkbench, WorkbenchProvider } from './services.tsx';
import { DrawnProvider, ShellProvider, useLayout, useShell } from './shell-context.tsx';

export interface WorkbenchProps extends Omit<ShellOptions, 'page'> {
  /** Whether what is shown is live, and since when it is not; other code keeps the link. */
  live: { state: 'connecting' | 'live' | 'lost'; sinceMs: number | undefined };
  /** What ages are counted from. */
  now: () => number;
}

/** The whole workbench for one user. Another user needs another one: give it their name as key. */
export function Workbench({ live, now, ...options }: WorkbenchProps) {
  const [shell] = useState(() => createShell({ ...options, page: window }));
  const { context } = shell.services;
  useEffect(() => {
    context.update({ liveState: live.state, liveSinceMs: live.sinceMs });
  }, [context, live.state, live.sinceMs]);
  return (
    <ShellProvider value={shell}>
      <WorkbenchProvider value={shell.services}>
        <Language now={now}>
          <Host>
            <Providers>
              <Parts shell={shell} />
            </Providers>
          </Host>
        </Language>
      </WorkbenchProvider>
    </ShellProvider>
  );
}

function Language({ now, children }: { now: () => number; children: ReactNode }) {
  const { settings } = useWorkbench();
  const locale = useSyncExternalStore(settings.onDidChange, () => localeSetting(settings));
  const byteUnits = useSyncExternalStore(settings.onDidChange, () => byteUnitsSetting(settings));
  return (
    <I18nProvider locale={locale} byteUnits={byteUnits} now={now}>
      {children}
    </I18nProvider>
  );
}

/** The menu whose first entry shows the log lines of a request; its argument is the request's id. */
const REQUEST_MENU = 'error/request';

function Host({ children }: { children: ReactNode }) {
  const { services, contributions } = useShell();
  const host = useMemo((): UiHost => {
    const shower = contributions.menus.find(({ menu }) => menu === REQUEST_MENU)?.command;
    return {
      runCommand: (id, argument) => void services.commands.run(id, argument),
      keyFor: services.commands.keyFor,
      setContext: services.context.set,
      announce: services.notifications.announce,
      ...(shower === undefined
        ? {}
        : { showOutput: (requestId: string) => void services.commands.run(shower, requestId) }),
    };
  }, [services, contributions]);
  return <UiHostProvider host={host}>{children}</UiHostProvider>;
}

function Providers({ children }: { children: ReactNode }) {
  const { contributions } = useShell();
  let inside = children;
  for (const Provider of contributions.providers.toReversed()) inside = <Provider>{inside}</Provider>;
  return inside;
}

function Parts({ shell }: { shell: LivingShell }) {
  const layout = useLayout();
  const text = useText();
  useLayoutEffect(() => shell.begin(), [shell]);
  const [isDrawn, setIsDrawn] = useState(false);
  useEffect(() => setIsDrawn(true), []);
  useTabTexts();
  usePageTitle();
  const { sideBar, panel, room } = layout;
  const classes = [
    'workbench',
    `room-${room}`,
    sideBar.visible ? '' : 'no-side',
    panel.visible ? '' : 'no-panel',
    panel.visible && panel.maximized ? 'panel-maximized' : '',
  ];
  return (
    <DrawnProvider value={isDrawn}>
      <div
        className={classes.join(' ')}
        style={{ '--side-bar-width': `${sideBar.width}px`, '--panel-height': `${panel.height}px` } as CSSProperties}
      >
        <button type="button" className="skip-link" onClick={() => shell.editors.focus()}>
          {text(shellText.skipToEditor)}
        </button>
        <TitleBar />
        <ActivityBar />
        <SideBar />
        <EditorArea />
        <PanelPart />
        <StatusBar />
      </div>
      <QuickInputHost quickAccess={shell.contributions.quickAccess} />
      <ContextMenuHost />
      <Toasts />
      <NotificationCentre />
    </DrawnProvider>
  );
}

/** Tabs are drawn outside of React: after a change of the language they are drawn again. */
function useTabTexts() {
  const { editors } = useShell();
  const text = useText();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the texts are read through the services
  useEffect(() => {
    for (const id of editors.view.tabs.keys()) editors.dock.redraw(id);
  }, [editors, text]);
}

function usePageTitle() {
  const active = useActiveEditor();

  const title = active?.title;
  useEffect(() => {
    document.title = title === undefined ? 'Harp' : `${title} – Harp`;
  }, [title]);
}
