/** What is done to agents that are in: moved to an office, revoked, and let ask again. */
import { z } from 'zod';
import { ask } from '../../api/client.ts';
import { AgentPage, AgentSummary, BlockList, type BlockSummary } from '../../api/schemas.ts';
import { cutText, foreign } from '../../ui/foreign-text.ts';
import type { WorkbenchServices } from '../../workbench/model.ts';
import { attempt, pickOffice, tell } from './decide.ts';
import { enrolmentEditorText } from './editor-messages.ts';

const accept = () => {};

interface Target {
  id: string;
  name: string;
}

/** The agents that a menu or the fleet's selection names. */
function givenIn(argument: unknown): Target[] {
  if (Array.isArray(argument)) return argument.flatMap(givenIn);
  if (typeof argument !== 'object' || argument === null) return [];
  if ('kind' in argument && argument.kind === 'agent' && 'id' in argument && 'name' in argument)
    return [{ id: String(argument.id), name: String(argument.name) }];
  return 'data' in argument ? givenIn(argument.data) : [];
}

/** The agents of the argument, or one that the person picks. */
async function targetsOf(services: WorkbenchServices, argument: unknown): Promise<Target[]> {
  const given = givenIn(argument);
  if (given.length > 0) return given;
  const { quickInput, text } = services;
  const agents: AgentSummary[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: AgentPage = await ask(
      AgentPage,
      `/agents?limit=1000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    agents.push(...page.agents.filter(({ state }) => state !== 'revoked'));
    cursor = page.nextCursor;
  }
  if (agents.length === 0) {
    tell(services, 'info', text(enrolmentEditorText.noAgents));
    return [];
  }
  const picked = await quickInput.pick({
    title: text(enrolmentEditorText.chooseAgent),
    items: agents.map(({ id, hostname }) => ({ id, label: cutText(hostname, 80), icon: 'vm', accept })),
  });
  const found = agents.find(({ id }) => id === picked?.id);
  return found === undefined ? [] : [{ id: found.id, name: found.hostname }];
}

/** Moves agents to an office. */
export function assignAgents(services: WorkbenchServices, argument: unknown): Promise<void> {
  return attempt(services, async () => {
    const { text } = services;
    const targets = await targetsOf(services, argument);
    const [first] = targets;
    if (first === undefined) return;
    const title =
      targets.length === 1
        ? text(enrolmentEditorText.agentsOffice, { name: foreign(first.name, 60) })
        : text(enrolmentEditorText.chooseOffice, { count: targets.length });
    const office = await pickOffice(services, title);
    if (office === undefined) return;
    for (const { id, name } of targets) {
      await ask(AgentSummary, `/agents/${encodeURIComponent(id)}/office`, {
        method: 'POST',
        body: { officeId: office.id },
      });
      tell(
        services,
        'info',
        text(enrolmentEditorText.didMove, { name: foreign(name, 60), office: foreign(office.name, 60) }),
      );
    }
  });
}

/** Revokes agents, after asking. */
export function revokeAgents(services: WorkbenchServices, argument: unknown): Promise<void> {
  return attempt(services, async () => {
    const { text, quickInput } = services;
    for (const { id, name } of await targetsOf(services, argument)) {
      // What cuts somebody off is asked twice, and the harmless answer comes first.
      const sure = await quickInput.pick({
        title: text(enrolmentEditorText.revokeTitle, { name: foreign(name, 60) }),
        items: [
          { id: 'keep', label: text(enrolmentEditorText.keep), icon: 'close', accept },
          { id: 'revoke', label: text(enrolmentEditorText.revokeIt), icon: 'circle-slash', accept },
        ],
      });
      if (sure?.id !== 'revoke') continue;
      await ask(AgentSummary, `/agents/${encodeURIComponent(id)}/revoke`, { method: 'POST' });
      tell(services, 'info', text(enrolmentEditorText.didRevoke, { name: foreign(name, 60) }));
    }
  });
}

/** Lets a blocked PC ask again: the one given, or one that the person picks. */
export function unblockPc(services: WorkbenchServices, given?: BlockSummary): Promise<void> {
  return attempt(services, async () => {
    const { text, quickInput } = services;
    let block = given;
    if (block === undefined) {
      const { blocks } = await ask(BlockList, '/enrolment-blocks');
      if (blocks.length === 0) return tell(services, 'info', text(enrolmentEditorText.noBlocked));
      const picked = await quickInput.pick({
        title: text(enrolmentEditorText.chooseBlocked),
        items: blocks.map(({ id, hostname, createdBy }) => ({
          id,
          label: cutText(hostname, 80),
          description: cutText(createdBy, 60),
          icon: 'circle-slash',
          accept,
        })),
      });
      block = blocks.find(({ id }) => id === picked?.id);
    }
    if (block === undefined) return;
    await ask(z.unknown(), `/enrolment-blocks/${encodeURIComponent(block.id)}`, { method: 'DELETE' });
    tell(services, 'info', text(enrolmentEditorText.didUnblock, { name: foreign(block.hostname, 60) }));
  });
}
