'use client';
/** One notification, in the corner or in the list. */
import { useId } from 'react';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { cutText } from '../../ui/foreign-text.ts';
import { Icon } from '../../ui/Icon.tsx';
import { useWorkbench } from '../services.tsx';
import { notificationMessages } from './messages.ts';
import type { Notification, Severity } from './notifications.ts';

const ICONS: Readonly<Record<Severity, string>> = { info: 'info', warning: 'warning', error: 'error' };

/** Whoever writes more than this wants a view, not a notification. */
const MAX_SHOWN = 600;

export interface NoticeProps {
  notification: Notification;
  /** What its cross says and does: hide in the corner, remove in the list. */
  closeTitle: string;
  onClose(): void;
}

export function Notice({ notification, closeTitle, onClose }: NoticeProps) {
  const { notifications } = useWorkbench();
  const text = useText();
  const format = useFormat();
  const messageId = useId();
  const { severity, message, source, actions = [], key, count, atMs } = notification;
  return (
    <article className={`notice-box severity-${severity}`} aria-labelledby={messageId}>
      <div className="notice-head">
        <Icon name={ICONS[severity]} />
        <span className="visually-hidden">{text(notificationMessages[severity])}</span>
        <p className="notice-message" id={messageId} dir="auto">
          {cutText(message, MAX_SHOWN)}
        </p>
        <button type="button" className="icon-button" title={closeTitle} aria-label={closeTitle} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div className="notice-foot">
        <span className="notice-source">
          {source === undefined ? null : <bdi>{text(notificationMessages.source, { source })}</bdi>}
          <time dateTime={new Date(atMs).toISOString()} title={format.dateTime(atMs)}>
            {format.clock(atMs)}
          </time>
          {count > 1 ? <span>{text(notificationMessages.times, { count })}</span> : null}
        </span>
        {key === undefined ? null : (
          <button type="button" className="link-button" onClick={() => notifications.silence(key)}>
            {text(notificationMessages.dontShowAgain)}
          </button>
        )}
        {actions.map((action, index) => (
          <button
            key={action.label}
            type="button"
            className={`button ${index === 0 ? 'primary' : 'secondary'}`}
            onClick={() => void notifications.runAction(notification, action)}
          >
            {action.label}
          </button>
        ))}
      </div>
    </article>
  );
}
