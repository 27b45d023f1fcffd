'use client';
/** The entries of a menu that are buttons: those of its `navigation` group whose command has an icon. */
import { useMemo } from 'react';
import { useWhen } from '../commands/context-keys.ts';
import type { MenuContribution } from '../model.ts';
import { useShell } from '../shell-context.tsx';
import { ToolbarButton } from './ToolbarButton.tsx';

/** Buttons for a toolbar; the rest of the menu is for its own list. */
export function MenuToolbar({ menu, argument }: { menu: string; argument?: unknown }) {
  const { contributions } = useShell();
  const entries = useMemo(
    () =>
      contributions.menus
        .filter((entry) => entry.menu === menu && entry.group === 'navigation')
        .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0)),
    [contributions, menu],
  );
  return entries.map((entry) => <Entry key={entry.command} entry={entry} argument={argument} />);
}

function Entry({ entry, argument }: { entry: MenuContribution; argument: unknown }) {
  const { services } = useShell();
  return useWhen(services.context, entry.when) ? <ToolbarButton command={entry.command} argument={argument} /> : null;
}
