'use client';
/** A button that runs a command: its title and key come from the command. */
import { useCallback, useSyncExternalStore } from 'react';
import { useWorkbench } from '../services.tsx';

export interface ToolbarButtonProps {
  command: string;
  /** A codicon; without it, the command's own. */
  icon?: string;
  /** For a toggle: whether what it shows is there. */
  pressed?: boolean;
  argument?: unknown;
}

/** Nothing while no feature contributes the command. */
export function ToolbarButton({ command, icon, pressed, argument }: ToolbarButtonProps) {
  const { commands } = useWorkbench();
  const read = useCallback(() => {
    const shown = commands.get(command);
    // One text, so that nothing is drawn again while all of it is the same.
    return shown === undefined ? undefined : JSON.stringify([shown.title, shown.key, shown.icon, shown.enabled]);
  }, [commands, command]);
  const now = useSyncExternalStore(commands.onDidChange, read, read);
  if (now === undefined) return null;
  const [title, key, ownIcon, isEnabled] = JSON.parse(now) as [string, string | null, string | null, boolean];
  return (
    <button
      type="button"
      className="icon-button"
      title={key === null ? title : `${title} (${key})`}
      aria-label={title}
      aria-pressed={pressed}
      disabled={!isEnabled}
      onClick={() => void commands.run(command, argument)}
    >
      <i className={`codicon codicon-${icon ?? ownIcon ?? 'circle-outline'}`} aria-hidden="true" />
    </button>
  );
}
