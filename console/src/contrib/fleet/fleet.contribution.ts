/** The fleet: offices and PCs as tree, table, editors and charts, with all that can be done with them. */
import { createElement, lazy, type ReactNode } from 'react';
import { z } from 'zod';
import type { Contribution } from '../../workbench/model.ts';
import { fleetCommands, fleetKeybindings, fleetMenus } from './commands.ts';
import { cutName } from './display-name.ts';
import { FleetConnection } from './FleetConnection.tsx';
import { DataAge, PcsOnline } from './FleetStatus.tsx';
import { createFleetAccess } from './fleet-access.ts';
import { groupings } from './grouping.ts';
import { agentPath, comparePath, editorIds, officePath, overviewPath, tablePath } from './inputs.ts';
import { messages } from './messages.ts';
import { fleetQuickAccess } from './quick-access.ts';
import { FLEET_VIEW, GROUPING_SETTING } from './view-state.ts';

const OfficesView = lazy(() => import('./OfficesView.tsx').then((module) => ({ default: module.OfficesView })));
const SavedFiltersView = lazy(() =>
  import('./SavedFiltersView.tsx').then((module) => ({ default: module.SavedFiltersView })),
);

const access = createFleetAccess();
const officeName = (id: string) => access.office(id)?.name;
const hostname = (id: string) => access.agent(id)?.hostname;

/** The provider of this contribution. */
function Connected({ children }: { children: ReactNode }) {
  return createElement(FleetConnection, { access, children });
}

const groupingNames = {
  region: messages.byRegion,
  office: messages.byOffice,
  version: messages.byVersion,
  state: messages.byState,
} as const;

export const fleetContribution: Contribution = {
  providers: [Connected],
  commands: fleetCommands(access),
  keybindings: fleetKeybindings,
  menus: fleetMenus,
  views: [
    {
      id: FLEET_VIEW,
      title: messages.fleet,
      icon: 'organization',
      order: 10,
      sections: [
        { id: 'harp.view.fleet.offices', title: messages.offices, component: OfficesView },
        // A handful of filters needs less room than ten thousand PCs.
        { id: 'harp.view.fleet.filters', title: messages.savedFilters, component: SavedFiltersView, height: 170 },
      ],
    },
  ],
  editors: [
    {
      id: editorIds.office,
      component: lazy(() => import('./OfficeEditor.tsx')),
      path: officePath(officeName),
      breadcrumbs: ({ subject, title }) => {
        const region = access.office(subject)?.region;
        return region == null ? [cutName(title)] : [cutName(region), cutName(title)];
      },
    },
    {
      id: editorIds.agent,
      component: lazy(() => import('./AgentEditor.tsx')),
      path: agentPath(hostname),
      breadcrumbs: ({ subject, title }) => {
        const office = access.office(access.agent(subject)?.officeId ?? '');
        const above = office === undefined ? [] : [...(office.region === null ? [] : [office.region]), office.name];
        return [...above, title].map(cutName);
      },
    },
    { id: editorIds.table, component: lazy(() => import('./FleetTableEditor.tsx')), path: tablePath },
    { id: editorIds.compare, component: lazy(() => import('./CompareEditor.tsx')), path: comparePath(hostname) },
    { id: editorIds.overview, component: lazy(() => import('./FleetOverviewEditor.tsx')), path: overviewPath },
  ],
  status: [
    { id: 'harp.status.pcs', side: 'left', order: 20, component: PcsOnline },
    { id: 'harp.status.age', side: 'right', order: 10, component: DataAge },
  ],
  settings: [
    {
      section: 'fleet',
      title: messages.fleet,
      scope: 'user',
      settings: [
        {
          key: GROUPING_SETTING,
          title: messages.grouping,
          description: messages.groupingDescription,
          schema: z.enum(groupings),
          kind: 'choice',
          choices: groupings.map((value) => ({ value, label: groupingNames[value] })),
          default: 'region',
        },
      ],
    },
  ],
  quickAccess: fleetQuickAccess(access),
};
