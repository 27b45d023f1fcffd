'use client';
/** The corner: one notification at a time, and how many wait behind it. Once in the shell; it finds the service itself. */
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { useWorkbench } from '../services.tsx';
import { notificationMessages } from './messages.ts';
import { Notice } from './Notice.tsx';
import { hidesByItself, type Notification, TOAST_MS } from './notifications.ts';

export function Toasts() {
  const { notifications } = useWorkbench();
  const text = useText();
  // The list is the same array until something changes, and the toast follows from it.
  useSyncExternalStore(notifications.onDidChange, notifications.list, notifications.list);
  const { notification, waiting } = notifications.toast();
  return (
    <>
      <Announcements />
      {notification === undefined ? null : (
        <section className="toasts" aria-label={text(notificationMessages.centre)}>
          <Toast key={`${notification.id}-${notification.atMs}`} notification={notification} waiting={waiting} />
        </section>
      )}
    </>
  );
}

function Toast({ notification, waiting }: { notification: Notification; waiting: number }) {
  const { notifications } = useWorkbench();
  const text = useText();
  // Who points at it or has the focus in it is reading.
  const [isHeld, hold] = useState(false);
  const cameFrom = useRef<EventTarget | null>(null);
  const hide = () => {
    // The pressed cross goes away; the focus goes back to where it came from.
    if (cameFrom.current instanceof HTMLElement && cameFrom.current.isConnected) cameFrom.current.focus();
    notifications.hideToast(notification.id);
  };
  useEffect(() => {
    if (isHeld || !hidesByItself(notification)) return;
    const timer = setTimeout(() => notifications.hideToast(notification.id), TOAST_MS);
    return () => clearTimeout(timer);
  }, [isHeld, notification, notifications]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointing at it only stops its clock
    <div
      className="toast"
      onPointerEnter={() => hold(true)}
      onPointerLeave={() => hold(false)}
      onFocus={({ relatedTarget, currentTarget }) => {
        if (!currentTarget.contains(relatedTarget)) cameFrom.current = relatedTarget;
        hold(true);
      }}
      onBlur={() => hold(false)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') hide();
      }}
    >
      <Notice notification={notification} closeTitle={text(notificationMessages.close)} onClose={hide} />
      {waiting === 0 ? null : (
        <button type="button" className="toast-more" onClick={() => notifications.openCentre()}>
          {text(notificationMessages.more, { count: waiting })}
        </button>
      )}
    </div>
  );
}

/** The page's one live region for what happens by itself. */
function Announcements() {
  const { announcer } = useWorkbench().notifications;
  const read = () => announcer.spoken;
  const spoken = useSyncExternalStore(announcer.onDidChange, read, read);
  return (
    <div className="visually-hidden" role="status" dir="auto">
      {spoken}
    </div>
  );
}
