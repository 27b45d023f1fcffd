import { defineMessages } from '../../i18n/messages.ts';

/** What the first page shows of the events: commands, titles, the badge. */
export const eventsText = defineMessages(
  'events',
  {
    category: 'Events',
    title: 'Events',
    show: 'Show Events',
    pause: 'Pause or Continue the List',
    clearFilter: 'Clear the Filter',
  },
  {
    category: 'Ereignisse',
    title: 'Ereignisse',
    show: 'Ereignisse anzeigen',
    pause: 'Liste anhalten oder fortsetzen',
    clearFilter: 'Filter löschen',
  },
);
