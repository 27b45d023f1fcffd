'use client';
import type { ReactNode } from 'react';
import { useText } from '../i18n/I18n.tsx';
import { Icon } from './Icon.tsx';
import { messages } from './messages.ts';
import type { Tone } from './tone.ts';

/** The shape of each tone, for those who do not see its colour. */
export const toneIcons: Readonly<Record<Tone, string>> = {
  ok: 'pass',
  info: 'info',
  warning: 'warning',
  error: 'error',
  unknown: 'circle-large-outline',
};

export interface StateProps {
  tone: Tone;
  /** A codicon instead of the tone's own. */
  icon?: string;
  /** The state in words. */
  children: ReactNode;
  title?: string;
}

/** A state: an icon of its own shape, its colour, and words. */
export function State({ tone, icon = toneIcons[tone], children, title }: StateProps) {
  return (
    <span className={`state ${tone}`} title={title}>
      <Icon name={icon} tone={tone} />
      <span>{children}</span>
    </span>
  );
}

/** A value that is not known, and why. Never 0, never empty. */
export function Unknown({ reason }: { reason?: string }) {
  const text = useText();
  const words = reason ?? text(messages.unknown);
  return (
    <span className="state unknown" title={words}>
      <i className="unknown-icon" aria-hidden="true" />
      <span aria-hidden="true">—</span>
      <span className="visually-hidden">{words}</span>
    </span>
  );
}
