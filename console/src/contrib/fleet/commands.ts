/** What a person can do with the fleet, as commands with their keys and menus. */
import type {
  CommandContribution,
  KeybindingContribution,
  MenuContribution,
  WorkbenchServices,
} from '../../workbench/model.ts';
import type { FleetAccess } from './fleet-access.ts';
import { type Grouping, groupings } from './grouping.ts';
import { compareInput, inputOf, overviewInput, tableInput } from './inputs.ts';
import { messages } from './messages.ts';
import {
  FILTER_KEY,
  FLEET_VIEW,
  filterOf,
  focusFilter,
  GROUPING_SETTING,
  SELECTED_AGENTS_KEY,
  setFilter,
  showFiltered,
  targetsOf,
} from './view-state.ts';

type Run = CommandContribution['run'];

// What asks, copies and saves is loaded when somebody first wants it.
const copying = () => import('./copy-commands.ts');
const filters = () => import('./filter-commands.ts');
const picking = () => import('./pick-target.ts');
const queries = () => import('./fleet-query.ts');

const fleetCommand = (
  id: string,
  title: CommandContribution['title'],
  run: Run,
  more: Partial<CommandContribution> = {},
) => ({
  id: `harp.fleet.${id}`,
  category: messages.fleet,
  title,
  run,
  ...more,
});

const groupingTitles = {
  region: messages.groupByRegion,
  office: messages.groupByOffice,
  version: messages.groupByVersion,
  state: messages.groupByState,
} as const satisfies Record<Grouping, unknown>;

const hasFilter = { when: FILTER_KEY, whenReason: messages.nothingToSave };

/** The fleet's commands; they read the fleet through `access`. */
export function fleetCommands(access: FleetAccess): readonly CommandContribution[] {
  const open = async (services: WorkbenchServices, argument: unknown, kind: 'office' | 'agent') => {
    const [given] = targetsOf(services, argument).filter((target) => target.kind === kind && argument !== undefined);
    const target =
      given ??
      (await (
        await picking()
      ).pickTarget(services, access, kind, kind === 'office' ? messages.pickOffice : messages.pickAgent));
    if (target !== undefined) services.editors.open(inputOf(target));
  };
  const openAll = (services: WorkbenchServices, argument: unknown, beside: boolean) => {
    for (const target of targetsOf(services, argument)) services.editors.open(inputOf(target), { beside, focus: true });
  };
  const compare = async (services: WorkbenchServices, argument: unknown) => {
    const selected = targetsOf(services, argument).filter(({ kind }) => kind === 'agent');
    const both = selected.length === 2 ? selected : await pickTwo(services, access);
    if (both?.[0] !== undefined && both[1] !== undefined) services.editors.open(compareInput(both[0], both[1]));
  };
  return [
    fleetCommand('show', messages.show, ({ layout }) => layout.showView(FLEET_VIEW), { icon: 'organization' }),
    fleetCommand('openOffice', messages.openOffice, (services, argument) => open(services, argument, 'office'), {
      icon: 'organization',
    }),
    fleetCommand('openAgent', messages.openAgent, (services, argument) => open(services, argument, 'agent'), {
      icon: 'vm',
    }),
    fleetCommand('open', messages.open, (services, argument) => openAll(services, argument, false), { palette: false }),
    fleetCommand('openBeside', messages.openToTheSide, (services, argument) => openAll(services, argument, true), {
      palette: false,
    }),
    fleetCommand(
      'openTable',
      messages.openTable,
      ({ editors, text }) => editors.open(tableInput(text(messages.fleet))),
      { icon: 'table' },
    ),
    fleetCommand(
      'openOverview',
      messages.openOverview,
      ({ editors, text }) => editors.open(overviewInput(text(messages.openOverviewTitle))),
      {
        icon: 'graph',
      },
    ),
    fleetCommand(
      'showOfficeTable',
      messages.showOfficeTable,
      async (services, argument) => {
        const [office] = targetsOf(services, argument).filter(({ kind }) => kind === 'office');
        if (office === undefined) return;
        const { queryForOffice } = await queries();
        services.editors.open(tableInput(services.text(messages.fleet), queryForOffice(office.name)));
      },
      { palette: false, icon: 'table' },
    ),
    fleetCommand(
      'showThroughput',
      messages.showThroughput,
      (services, argument) => {
        const [office] = targetsOf(services, argument).filter(({ kind }) => kind === 'office');
        if (office !== undefined) services.editors.open(inputOf(office, { tab: 'throughput' }));
      },
      { palette: false },
    ),
    fleetCommand('compare', messages.compare, compare, { icon: 'compare-changes' }),
    fleetCommand('compareSelected', messages.compareSelected, compare, {
      when: `${SELECTED_AGENTS_KEY} == 2`,
      whenReason: messages.compareNeedsTwo,
      icon: 'compare-changes',
    }),
    fleetCommand('groupBy', messages.groupBy, pickGrouping, { icon: 'group-by-ref-type' }),
    ...groupings.map((grouping) =>
      fleetCommand(`groupBy.${grouping}`, groupingTitles[grouping], ({ settings }) =>
        settings.set(GROUPING_SETTING, grouping),
      ),
    ),
    fleetCommand(
      'copyId',
      messages.copyId,
      async (services, argument) => (await copying()).copyIds(services, argument),
      { icon: 'copy' },
    ),
    fleetCommand(
      'copyPermalink',
      messages.copyPermalink,
      async (services, argument) => (await copying()).copyPermalink(services, argument),
      {
        icon: 'link',
      },
    ),
    fleetCommand('filter', messages.filter, focusFilter, { icon: 'filter' }),
    fleetCommand('clearFilter', messages.clearFilter, (services) => setFilter(services, ''), {
      ...hasFilter,
      icon: 'clear-all',
    }),
    fleetCommand(
      'saveFilter',
      messages.saveFilter,
      async (services) => (await filters()).saveFilter(services, access, filterOf(services)),
      {
        ...hasFilter,
        icon: 'save',
      },
    ),
    fleetCommand('applyFilter', messages.applyFilter, applyFilter, { palette: false }),
    fleetCommand(
      'deleteFilter',
      messages.deleteFilter,
      async (services, argument) => (await filters()).deleteFilter(services, access, argument),
      {
        palette: false,
        icon: 'trash',
      },
    ),
    fleetCommand('showOffline', messages.showOffline, (services) => showFiltered(services, 'state:offline')),
    fleetCommand('showBlocked', messages.showBlocked, (services) => showFiltered(services, 'state:blocked')),
    fleetCommand('showWithoutRegion', messages.showWithoutRegion, (services) => {
      services.settings.set(GROUPING_SETTING, 'office');
      showFiltered(services, 'region:none');
    }),
    fleetCommand('refresh', messages.refresh, () => access.refresh(), { icon: 'refresh' }),
  ];
}

function applyFilter(services: WorkbenchServices, argument: unknown): void {
  const query = (argument as { data?: { query?: unknown } } | undefined)?.data?.query;
  if (typeof query === 'string') showFiltered(services, query);
}

async function pickGrouping(services: WorkbenchServices): Promise<void> {
  const { quickInput, settings, text } = services;
  const chosen = await quickInput.pick({
    title: text(messages.groupBy),
    items: groupings.map((grouping) => ({ id: grouping, label: text(groupingTitles[grouping]), accept: () => {} })),
  });
  if (chosen !== undefined) settings.set(GROUPING_SETTING, chosen.id);
}

async function pickTwo(services: WorkbenchServices, access: FleetAccess) {
  const { pickTarget } = await picking();
  const first = await pickTarget(services, access, 'agent', messages.pickFirst, {
    step: [1, 2],
    title: messages.comparePick,
  });
  if (first === undefined) return undefined;
  const second = await pickTarget(services, access, 'agent', messages.pickSecond, {
    step: [2, 2],
    title: messages.comparePick,
    except: first.id,
  });
  return second === undefined ? undefined : [first, second];
}

/** Their default keys. */
export const fleetKeybindings: readonly KeybindingContribution[] = [
  { command: 'harp.fleet.show', key: 'ctrl+shift+e' },
  {
    command: 'harp.fleet.compareSelected',
    key: 'ctrl+k d',
    when: `${SELECTED_AGENTS_KEY} == 2`,
  },
];

const OFFICE_MENU = 'fleet/office/context';
const AGENT_MENU = 'fleet/agent/context';

/** The menu of the rows that were clicked: one about offices or one about agents. */
export function contextMenuOf(kind: 'office' | 'agent'): string {
  return kind === 'office' ? OFFICE_MENU : AGENT_MENU;
}

const entry = (menu: string, command: string, group: string, order: number, when?: string): MenuContribution => ({
  menu,
  command: `harp.fleet.${command}`,
  group,
  order,
  ...(when === undefined ? {} : { when }),
});

const inFleet = `activeView == ${FLEET_VIEW}`;

/** Where they stand in menus. */
export const fleetMenus: readonly MenuContribution[] = [
  entry('view/title', 'filter', 'navigation', 1, inFleet),
  entry('view/title', 'groupBy', 'navigation', 2, inFleet),
  entry('view/title', 'openTable', 'navigation', 3, inFleet),
  entry('view/title', 'openOverview', 'navigation', 4, inFleet),
  ...groupings.map((grouping, place) => entry('view/title', `groupBy.${grouping}`, '1_group', place, inFleet)),
  entry('view/title', 'saveFilter', '2_filter', 1, inFleet),
  entry('view/title', 'clearFilter', '2_filter', 2, inFleet),
  entry('view/title', 'refresh', '3_refresh', 1, inFleet),
  ...[OFFICE_MENU, AGENT_MENU].flatMap((menu) => [
    entry(menu, 'open', '1_open', 1),
    entry(menu, 'openBeside', '1_open', 2),
    entry(menu, 'copyId', '9_copy', 1),
    entry(menu, 'copyPermalink', '9_copy', 2),
  ]),
  entry(OFFICE_MENU, 'showOfficeTable', '2_show', 1),
  entry(OFFICE_MENU, 'showThroughput', '2_show', 2),
  entry(AGENT_MENU, 'compareSelected', '2_compare', 1),
  entry('fleet/filter/context', 'applyFilter', '1_apply', 1),
  entry('fleet/filter/context', 'deleteFilter', '2_delete', 1),
];
