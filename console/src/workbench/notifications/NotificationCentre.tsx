'use client';
/** All notifications, above the bell of the status bar. Once in the shell; it finds the service itself. */
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { useText } from '../../i18n/I18n.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useWorkbench } from '../services.tsx';
import { notificationMessages } from './messages.ts';
import { Notice } from './Notice.tsx';

/** The bell, so that a click on it is left to it. */
const BELL_SELECTOR = '.notification-bell';

export function NotificationCentre() {
  const { notifications } = useWorkbench();
  const read = () => notifications.isCentreOpen;
  return useSyncExternalStore(notifications.onDidChange, read, read) ? <Centre /> : null;
}

function Centre() {
  const { notifications } = useWorkbench();
  const text = useText();
  const box = useRef<HTMLElement>(null);
  const list = useSyncExternalStore(notifications.onDidChange, notifications.list, notifications.list);
  useEffect(() => {
    const before = document.activeElement;
    const element = box.current;
    element?.focus();
    return () => {
      // Back to where the reader was, unless they have gone elsewhere themselves.
      const isInside = document.activeElement === document.body || element?.contains(document.activeElement);
      if (isInside && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  useEffect(() => {
    const onPointerDown = ({ target }: PointerEvent) => {
      if (!(target instanceof Element) || box.current?.contains(target) || target.closest(BELL_SELECTOR)) return;
      notifications.closeCentre();
    };
    window.addEventListener('pointerdown', onPointerDown, { capture: true });
    return () => window.removeEventListener('pointerdown', onPointerDown, { capture: true });
  }, [notifications]);
  return (
    <section
      className="notification-centre"
      aria-label={text(notificationMessages.centre)}
      tabIndex={-1}
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        notifications.closeCentre();
      }}
    >
      <header>
        <h2>{text(notificationMessages.count, { count: list.length })}</h2>
        {list.length === 0 ? null : (
          <Action icon="clear-all" title={text(notificationMessages.clearAll)} run={() => notifications.clear()} />
        )}
        <Action icon="chevron-down" title={text(notificationMessages.hide)} run={() => notifications.closeCentre()} />
      </header>
      <ul>
        {list.map((notification) => (
          <li key={notification.id}>
            <Notice
              notification={notification}
              closeTitle={text(notificationMessages.dismiss)}
              onClose={() => {
                // The pressed cross goes away; the focus must not go with it.
                box.current?.focus();
                notifications.remove(notification.id);
              }}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Action({ icon, title, run }: { icon: string; title: string; run(): void }) {
  return (
    <button type="button" className="icon-button" title={title} aria-label={title} onClick={run}>
      <Icon name={icon} />
    </button>
  );
}
