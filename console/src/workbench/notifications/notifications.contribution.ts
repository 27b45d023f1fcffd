/** The commands of the notifications and their bell, as a contribution like any other. */
import type { Contribution } from '../model.ts';
import { notificationMessages } from './messages.ts';
import { NotificationBell } from './NotificationBell.tsx';

const category = notificationMessages.category;

export const notificationsContribution: Contribution = {
  commands: [
    {
      id: 'notifications.showList',
      category,
      title: notificationMessages.show,
      icon: 'bell',
      run: ({ notifications }) => notifications.openCentre(),
    },
    {
      id: 'notifications.hideList',
      category,
      title: notificationMessages.hide,
      icon: 'chevron-down',
      run: ({ notifications }) => notifications.closeCentre(),
    },
    {
      id: 'notifications.clearAll',
      category,
      title: notificationMessages.clearAll,
      icon: 'clear-all',
      run: ({ notifications, text }) => {
        if (notifications.list().length === 0) {
          notifications.show({
            severity: 'info',
            source: text(category),
            message: text(notificationMessages.noneToClear),
          });
        } else notifications.clear();
      },
    },
    {
      id: 'notifications.showSilenced',
      category,
      title: notificationMessages.showAgain,
      run: ({ notifications, text }) => {
        if (notifications.hasSilenced()) notifications.unsilenceAll();
        else
          notifications.show({
            severity: 'info',
            source: text(category),
            message: text(notificationMessages.noneSilenced),
          });
      },
    },
  ],
  keybindings: [{ command: 'notifications.showList', key: 'ctrl+k ctrl+n' }],
  status: [{ id: 'workbench.status.notifications', side: 'right', order: 1_000, component: NotificationBell }],
};
