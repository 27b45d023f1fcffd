/**
 * Notifications: rare, one at a time in the corner, all of them in the notification centre. Each can be closed; those with a key can be silenced
 * for good. Showing one never takes the focus.
 */
import { browserStorage } from '../commands/command-service.ts';
import { createRecents, type KeptTexts } from '../commands/recents.ts';
import type { Timers } from '../keybindings/dispatcher.ts';
import type { WorkbenchServices } from '../services.tsx';
import { type Announcer, createAnnouncer } from './announcer.ts';
import { notificationMessages } from './messages.ts';

export type Severity = 'info' | 'warning' | 'error';

export interface NotificationAction {
  readonly label: string;
  run(): void | Promise<void>;
}

/** What is said. */
export interface Notice {
  readonly severity: Severity;
  readonly message: string;
  /** Who says it, for example a feature. */
  readonly source?: string;
  readonly actions?: readonly NotificationAction[];
  /** What it is about: with a key it can be silenced, and a newer one of the same key takes the place of the older. */
  readonly key?: string;
}

/** A notification as it is kept. */
export interface Notification extends Notice {
  readonly id: number;
  readonly atMs: number;
  /** How often the same was said since it was last removed. */
  readonly count: number;
  /** Whether it has still to be shown in the corner. */
  readonly isToast: boolean;
  readonly isUnread: boolean;
}

/** Shows notifications and keeps them. */
export interface Notifications {
  show(notice: Notice): void;
  /** Newest first; the same array until something changes. */
  list(): readonly Notification[];
  /** The one in the corner, and how many wait behind it. */
  toast(): { readonly notification: Notification | undefined; readonly waiting: number };
  unread(): number;
  /** Takes it out of the corner; it stays in the centre. */
  hideToast(id: number): void;
  remove(id: number): void;
  clear(): void;
  /** Never shows notifications of this key again, here. */
  silence(key: string): void;
  /** Shows silenced ones again. */
  unsilenceAll(): void;
  hasSilenced(): boolean;
  runAction(notification: Notification, action: NotificationAction): Promise<void>;
  readonly isCentreOpen: boolean;
  openCentre(): void;
  closeCentre(): void;
  toggleCentre(): void;
  /** Says a sentence to people who do not see the page: politely, at most every 5 seconds. `Toasts` holds the live region. */
  announce(sentence: string): void;
  readonly announcer: Pick<Announcer, 'spoken' | 'onDidChange'>;
  onDidChange(listener: () => void): () => void;
}

export interface NotificationsOptions {
  readonly services: () => WorkbenchServices;
  readonly timers?: Timers;
  readonly nowMs?: () => number;
  /** Where silenced keys are kept; default: this browser's storage. */
  readonly local?: KeptTexts | undefined;
}

/** Beyond this nobody looks back; a fault that repeats must not fill the memory. */
const MAX_KEPT = 100;
/** How long one stays in the corner. One with actions or an error stays until it is closed or read in the centre. */
export const TOAST_MS = 10_000;
/** Of more sentences than this at once, only the last is said, and how many there were. */
const MAX_SAID = 3;
const SILENCED = 'harp.notifications.silenced';
const MAX_SILENCED = 500;

/** Makes the notifications; `Toasts`, `NotificationCentre` and `NotificationBell` draw them. */
export function createNotifications(options: NotificationsOptions): Notifications {
  const { services, nowMs = Date.now, timers = pageTimers } = options;
  const local = 'local' in options ? options.local : browserStorage();
  const silenced = createRecents(local, SILENCED, MAX_SILENCED);
  const announcer = createAnnouncer(timers, (sentences) =>
    sentences.length <= MAX_SAID
      ? sentences.join(' ')
      : services().text(notificationMessages.announcedMany, { count: sentences.length, last: sentences.at(-1) ?? '' }),
  );
  const listeners = new Set<() => void>();
  let kept: readonly Notification[] = [];
  let isCentreOpen = false;
  let lastId = 0;
  const changed = () => {
    for (const listener of [...listeners]) listener();
  };
  const keep = (next: readonly Notification[]) => {
    kept = next;
    changed();
  };
  const change = (apply: (notification: Notification) => Notification) => keep(kept.map(apply));
  const read = (notification: Notification): Notification =>
    notification.isUnread || notification.isToast ? { ...notification, isUnread: false, isToast: false } : notification;

  const show = (notice: Notice) => {
    if (notice.key !== undefined && silenced.list().includes(notice.key)) return;
    const before = kept.find((other) => isSame(other, notice));
    lastId += 1;
    const notification: Notification = {
      ...notice,
      id: before?.id ?? lastId,
      atMs: nowMs(),
      count: (before?.count ?? 0) + 1,
      isToast: !isCentreOpen,
      isUnread: !isCentreOpen,
    };
    const { text } = services();
    announcer.announce(
      text(notificationMessages.announced, {
        severity: text(notificationMessages[notice.severity]),
        message: notice.message,
      }),
    );
    keep([notification, ...kept.filter((other) => other !== before)].slice(0, MAX_KEPT));
  };
  const setCentre = (open: boolean) => {
    if (open === isCentreOpen) return;
    isCentreOpen = open;
    // Whoever sees the list has seen what is in it.
    if (open) change(read);
    else changed();
  };
  const remove = (id: number) => keep(kept.filter((notification) => notification.id !== id));
  return {
    show,
    list: () => kept,
    toast: () => {
      const toasts = kept.filter(({ isToast }) => isToast);
      // The oldest first: each is seen, in the order they came.
      return { notification: toasts.at(-1), waiting: Math.max(0, toasts.length - 1) };
    },
    unread: () => kept.filter(({ isUnread }) => isUnread).length,
    hideToast: (id) =>
      change((notification) => (notification.id === id ? { ...notification, isToast: false } : notification)),
    remove,
    clear: () => keep([]),
    silence: (key) => {
      silenced.touch(key);
      keep(kept.filter((notification) => notification.key !== key));
    },
    unsilenceAll: () => {
      silenced.clear();
      changed();
    },
    hasSilenced: () => silenced.list().length > 0,
    runAction: async (notification, action) => {
      remove(notification.id);
      try {
        await action.run();
      } catch (error) {
        const cause = error instanceof Error ? error.message : String(error);
        const message = services().text(notificationMessages.failed, { action: action.label, cause });
        show({
          severity: 'error',
          message,
          ...(notification.source === undefined ? {} : { source: notification.source }),
        });
      }
    },
    get isCentreOpen() {
      return isCentreOpen;
    },
    openCentre: () => setCentre(true),
    closeCentre: () => setCentre(false),
    toggleCentre: () => setCentre(!isCentreOpen),
    announce: announcer.announce,
    announcer,
    onDidChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function isSame(a: Notice, b: Notice): boolean {
  if (a.key !== undefined || b.key !== undefined) return a.key === b.key;
  return a.severity === b.severity && a.message === b.message && a.source === b.source;
}

/** Whether it leaves the corner by itself. */
export function hidesByItself({ severity, actions = [] }: Notice): boolean {
  return severity !== 'error' && actions.length === 0;
}

const pageTimers: Timers = {
  set: (run, delayMs) => window.setTimeout(run, delayMs),
  clear: (timer) => window.clearTimeout(timer as number),
};
