/** Events: what agents reported, in the panel. */
import { lazy } from 'react';
import type { Contribution } from '../../workbench/model.ts';
import { useEventsBadge } from './badge.ts';
import { eventContext } from './keys.ts';
import { eventsText } from './messages.ts';

const EventsPanel = lazy(() => import('./EventsPanel.tsx').then((module) => ({ default: module.EventsPanel })));

const PANEL = 'harp.panel.events';

export const eventsContribution: Contribution = {
  panels: [{ id: PANEL, title: eventsText.title, order: 20, component: EventsPanel, badge: useEventsBadge }],
  commands: [
    {
      id: 'harp.events.show',
      category: eventsText.category,
      title: eventsText.show,
      icon: 'pulse',
      run: ({ layout }) => layout.showPanel(PANEL),
    },
    {
      id: 'harp.events.togglePause',
      category: eventsText.category,
      title: eventsText.pause,
      icon: 'debug-pause',
      run: ({ context }) => context.set(eventContext.paused, context.get(eventContext.paused) !== true),
    },
    {
      id: 'harp.events.clearFilter',
      category: eventsText.category,
      title: eventsText.clearFilter,
      icon: 'clear-all',
      run: ({ context }) => context.set(eventContext.filter, ''),
    },
  ],
  keybindings: [{ command: 'harp.events.show', key: 'ctrl+k e' }],
};
