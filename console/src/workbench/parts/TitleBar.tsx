'use client';
/** The bar at the top: where everything can be searched, and which parts are shown. */
import { useText } from '../../i18n/I18n.tsx';
import { Toolbar } from '../../ui/Toolbar.tsx';
import { useKeyFor } from '../commands/command-service.ts';
import { shellText } from '../messages.ts';
import { useLayout, useShell } from '../shell-context.tsx';
import { GlobalMenus } from './GlobalMenus.tsx';
import { ToolbarButton } from './ToolbarButton.tsx';

const SEARCH_COMMAND = 'workbench.action.quickOpen';

export function TitleBar() {
  const { services } = useShell();
  const { sideBar, panel, room } = useLayout();
  const text = useText();
  const key = useKeyFor(services.commands, SEARCH_COMMAND);
  const search = text(shellText.commandCenter);
  return (
    <header className="title-bar" data-part="title" tabIndex={-1}>
      <span className="product">Harp</span>
      <button
        type="button"
        className="command-center"
        title={key === undefined ? search : `${search} (${key})`}
        onClick={() => services.quickInput.open()}
      >
        <i className="codicon codicon-search" aria-hidden="true" />
        <span>{key === undefined ? search : text(shellText.commandCenterHint, { key })}</span>
      </button>
      <Toolbar label={text(shellText.view)}>
        <ToolbarButton
          command="workbench.action.toggleSideBar"
          icon={sideBar.visible ? 'layout-sidebar-left' : 'layout-sidebar-left-off'}
          pressed={sideBar.visible}
        />
        <ToolbarButton
          command="workbench.action.togglePanel"
          icon={panel.visible ? 'layout-panel' : 'layout-panel-off'}
          pressed={panel.visible}
        />
      </Toolbar>
      {room === 'phone' ? <GlobalMenus /> : null}
    </header>
  );
}
