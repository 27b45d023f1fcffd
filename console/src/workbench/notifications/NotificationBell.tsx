'use client';
/** The bell at the end of the status bar: whether there is something new, and the way to the list. */
import { useSyncExternalStore } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useWorkbench } from '../services.tsx';
import { notificationMessages } from './messages.ts';

export function NotificationBell() {
  const { notifications } = useWorkbench();
  const text = useText();
  const unread = useSyncExternalStore(notifications.onDidChange, notifications.unread, notifications.unread);
  const readOpen = () => notifications.isCentreOpen;
  const isOpen = useSyncExternalStore(notifications.onDidChange, readOpen, readOpen);
  const title = text(notificationMessages.unread, { count: unread });
  return (
    <button
      type="button"
      className="notification-bell"
      title={title}
      aria-label={title}
      aria-expanded={isOpen}
      onClick={() => notifications.toggleCentre()}
    >
      <Icon name={unread > 0 ? 'bell-dot' : 'bell'} />
    </button>
  );
}
