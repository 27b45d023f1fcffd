'use client';
/** The buttons at the right end of a group's tabs: what the editor in front offers, all tabs, split. */
import { useText } from '../../i18n/I18n.tsx';
import { Toolbar } from '../../ui/Toolbar.tsx';
import { shellText } from '../messages.ts';
import { MenuToolbar } from '../parts/MenuToolbar.tsx';
import { ToolbarButton } from '../parts/ToolbarButton.tsx';
import { useEditors, useLayout, useShell } from '../shell-context.tsx';

/** Shown for the active group only, as an inactive one is dimmed; the room stays. */
export function GroupActions({ group }: { group: string }) {
  const { editors } = useShell();
  const view = useEditors();
  const { room } = useLayout();
  const text = useText();
  const active = editors.dock.api.getGroup(group)?.activePanel?.id;
  const tab = view.tabs.get(active ?? '');
  if (tab === undefined || view.active !== active) return null;
  return (
    <Toolbar label={text(shellText.moreActions)}>
      <MenuToolbar menu="editor/title" argument={tab.input} />
      {editors.groupOf(tab.id).length > 1 ? (
        <ToolbarButton command="workbench.action.showOpenEditors" icon="chevron-down" />
      ) : null}
      {room === 'full' || room === 'medium' ? (
        <ToolbarButton command="workbench.action.splitEditor" icon="split-horizontal" />
      ) : null}
    </Toolbar>
  );
}
