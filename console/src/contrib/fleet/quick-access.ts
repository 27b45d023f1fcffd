/** Offices, PCs and addresses for Go to Anything: what the page has read at once, what it has not from the server's search. */
import { search } from '../../api/queries.ts';
import type { AgentSummary, OfficeSummary } from '../../api/schemas.ts';
import type { QuickAccessContribution, QuickItem, WorkbenchServices } from '../../workbench/model.ts';
import { pauseBeforeAsking } from '../../workbench/quick-input/pause.ts';
import { conditionOf, conditions } from './agent-state.ts';
import { cutName } from './display-name.ts';
import type { FleetAccess } from './fleet-access.ts';
import { inputOf } from './inputs.ts';
import { messages } from './messages.ts';
import { agentTarget, type FleetTarget, officeTarget } from './targets.ts';

/** The server is asked for at most this many. */
const SERVER_LIMIT = 20;
const MAX_BY_ADDRESS = 20;
/** What begins like an address of either kind: at least two parts. */
const addressLike = /^\[?[0-9a-f]{1,4}[.:][0-9a-f.:]*\]?$/i;

/** What the fleet brings to Go to Anything. */
export function fleetQuickAccess(access: FleetAccess): readonly QuickAccessContribution[] {
  const loaded = createLoadedItems();
  return [
    {
      prefix: '',
      order: 10,
      placeholder: messages.searchPlaceholder,
      provide: (query, services) => {
        const items = loaded(access.offices(), access.agents(), services);
        const address = query.trim();
        return addressLike.test(address) ? byAddress(access, address, services) : items;
      },
    },
    {
      prefix: '',
      order: 11,
      placeholder: messages.searchPlaceholder,
      provide: async (query, services, signal) => {
        if (query.trim().length < 2 || !(await pauseBeforeAsking(signal))) return [];
        const { items } = await search(query, SERVER_LIMIT, signal);
        return items.flatMap(({ kind, id, label, description }) => {
          if (kind === 'user') return [userItem(`user/${id}`, label, description, services)];
          const isLoaded = kind === 'office' ? access.office(id) !== undefined : access.agent(id) !== undefined;
          if ((kind !== 'office' && kind !== 'agent') || isLoaded) return [];
          return [{ ...itemOf({ kind, id, name: label }, description), matches: [] }];
        });
      },
    },
  ];
}

/** The whole list, kept while nothing changed: the widget filters it and remembers it by its identity. */
function createLoadedItems() {
  let known:
    | { offices: readonly OfficeSummary[]; agents: readonly AgentSummary[]; text: unknown; items: QuickItem[] }
    | undefined;
  return (
    offices: readonly OfficeSummary[],
    agents: readonly AgentSummary[],
    services: WorkbenchServices,
  ): QuickItem[] => {
    const { text } = services;
    const language = text(messages.searchOffice);
    if (known?.offices === offices && known.agents === agents && known.text === language) return known.items;
    const names = new Map(offices.map(({ id, name }) => [id, cutName(name)]));
    const items = [
      ...offices.map((office) => itemOf(officeTarget(office), office.region ?? '')),
      ...agents.map((agent) => agentItem(agent, names.get(agent.officeId))),
    ];
    known = { offices, agents, text: language, items };
    return items;
  };
}

/** PCs with such an address, matched here: an address is no part of the label. */
function byAddress(access: FleetAccess, address: string, services: WorkbenchServices): QuickItem[] {
  const wanted = address.toLowerCase();
  const found: QuickItem[] = [];
  for (const agent of access.agents()) {
    const fitting = agent.addresses.find((each) => each.toLowerCase().includes(wanted));
    if (fitting !== undefined || agent.hostname.toLowerCase().includes(wanted)) {
      const item = agentItem(agent, access.office(agent.officeId)?.name ?? services.text(messages.unknownOffice));
      found.push({ ...item, matches: [], detail: fitting ?? '' });
    }
    if (found.length === MAX_BY_ADDRESS) break;
  }
  return found;
}

function agentItem(agent: AgentSummary, office = ''): QuickItem {
  return { ...itemOf(agentTarget(agent), cutName(office)), icon: conditions[conditionOf(agent)].icon };
}

function itemOf(target: FleetTarget, description: string): QuickItem {
  return {
    id: `${target.kind}/${target.id}`,
    label: cutName(target.name),
    ...(description === '' ? {} : { description: cutName(description) }),
    icon: target.kind === 'office' ? 'organization' : 'vm',
    accept: ({ editors }) => editors.open(inputOf(target)),
  };
}

/** Someone who signs in to this console. There is nothing of theirs to open, so the row only says who they are. */
function userItem(id: string, label: string, description: string, { text }: WorkbenchServices): QuickItem {
  return {
    id,
    label: cutName(label),
    ...(description === '' ? {} : { description: cutName(description) }),
    icon: 'person',
    matches: [],
    disabledReason: text(messages.userHasNoPage),
    accept: () => {},
  };
}
