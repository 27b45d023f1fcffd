/** Chooses the PC whose log is shown. */
import { ask } from '../../api/client.ts';
import { AgentPage, OfficeList, SearchResult } from '../../api/schemas.ts';
import { foreign } from '../../ui/foreign-text.ts';
import type { QuickItem, WorkbenchServices } from '../../workbench/model.ts';
import { outputPanelText } from './panel-messages.ts';
import { showChannel } from './show-channel.ts';

const stateText = {
  online: outputPanelText.online,
  offline: outputPanelText.offline,
  revoked: outputPanelText.revoked,
} as const;

/** PCs in the list at most; larger fleets are asked for a name first. */
const LISTED_AGENTS = 1000;
const FOUND_AGENTS = 100;

/** Asks for a PC and shows its log; nothing when the person thinks better of it. */
export async function pickAgent(services: WorkbenchServices): Promise<void> {
  const { quickInput, text } = services;
  const items = await agentItems(services);
  if (items === undefined) return;
  const picked = await quickInput.pick({
    title: text(outputPanelText.pickTitle),
    placeholder: text(outputPanelText.pickPlaceholder),
    items,
  });
  if (picked !== undefined) showChannel(services, `agent:${picked.id}`, picked.label);
}

async function agentItems({ quickInput, text }: WorkbenchServices): Promise<QuickItem[] | undefined> {
  const [{ agents, nextCursor }, { offices }] = await Promise.all([
    ask(AgentPage, `/agents?limit=${LISTED_AGENTS}`),
    ask(OfficeList, '/offices'),
  ]);
  const accept = () => {};
  const nameOf = new Map(offices.map(({ id, name }) => [id, name]));
  if (nextCursor === null) {
    return agents.map(({ id, hostname, officeId, state, addresses }) => ({
      id,
      label: hostname,
      description: text(outputPanelText.agentDescription, {
        office: foreign(nameOf.get(officeId) ?? '—', 60),
        state: text(stateText[state]),
      }),
      detail: addresses.join(', '),
      icon: 'vm',
      accept,
    }));
  }
  const name = await quickInput.ask({ title: text(outputPanelText.pickTitle), step: [1, 2] });
  if (name === undefined) return undefined;
  const found = await ask(SearchResult, `/search?${new URLSearchParams({ q: name, limit: String(FOUND_AGENTS) })}`);
  return found.items
    .filter(({ kind }) => kind === 'agent')
    .map(({ id, label, description }) => ({ id, label, description, icon: 'vm', accept }));
}
