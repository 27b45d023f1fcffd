'use client';
import type { ReactNode } from 'react';
import { useUiHost } from './host.tsx';
import { Icon } from './Icon.tsx';

export interface ButtonProps {
  run(): void;
  kind?: 'primary' | 'secondary';
  /** Why it cannot be pressed now. It stays reachable, so that the reason can be read. */
  disabledReason?: string | undefined;
  icon?: string;
  children: ReactNode;
}

/** A button with words. */
export function Button({ run, kind = 'primary', disabledReason, icon, children }: ButtonProps) {
  return (
    <button
      type="button"
      className={`button ${kind}`}
      aria-disabled={disabledReason !== undefined}
      title={disabledReason}
      onClick={() => {
        if (disabledReason === undefined) run();
      }}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  );
}

export interface IconButtonProps {
  icon: string;
  /** Its name; the tip shows the key of `command` besides. */
  title: string;
  run(): void;
  command?: string;
  pressed?: boolean;
  expanded?: boolean;
  disabledReason?: string | undefined;
}

/** A button that is a codicon. */
export function IconButton({ icon, title, run, command, pressed, expanded, disabledReason }: IconButtonProps) {
  const host = useUiHost();
  const key = command === undefined ? undefined : host.keyFor(command);
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={title}
      title={[title, key === undefined ? undefined : `(${key})`, disabledReason].filter(Boolean).join(' ')}
      aria-pressed={pressed}
      aria-expanded={expanded}
      aria-disabled={disabledReason !== undefined}
      onClick={() => {
        if (disabledReason === undefined) run();
      }}
    >
      <Icon name={icon} />
    </button>
  );
}

/** A button that looks like a link: for the lesser of two ways. */
export function LinkButton({ run, pressed, children }: { run(): void; pressed?: boolean; children: ReactNode }) {
  return (
    <button type="button" className="link-button" aria-pressed={pressed} onClick={run}>
      {children}
    </button>
  );
}
