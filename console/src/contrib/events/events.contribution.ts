import type { Contribution } from '../../workbench/model.ts';
import { EventsPanel } from './EventsPanel.tsx';

export const eventsContribution: Contribution = {
  panels: [{ id: 'harp.panel.events', title: 'Events', order: 20, component: EventsPanel }],
};
