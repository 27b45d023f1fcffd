/** What an owner may do about a person, asked in the quick input: roles, a new invitation, signing out, taking away. */
import { z } from 'zod';
import { type Role, roles } from '../../api/access-rules.ts';
import { ask } from '../../api/client.ts';
import { OfficeList, PersonInvited, PersonSummary, type RoleGrant } from '../../api/schemas.ts';
import type { Message } from '../../i18n/messages.ts';
import type { QuickItem, WorkbenchServices } from '../../workbench/model.ts';
import { peopleText } from './messages.ts';
import { scopeChoices } from './scope-choice.ts';

type Services = Pick<WorkbenchServices, 'quickInput' | 'text'>;

const accept = () => {};

/** Asks for a role and where it holds; undefined when it was given up. */
export async function askGrant({ quickInput, text }: Services, name: string): Promise<RoleGrant | undefined> {
  const role = await quickInput.pick({
    title: text(peopleText.chooseRole, { name }),
    step: [1, 2],
    items: roles.map((id) => ({ id, label: text(peopleText[id]), icon: 'shield', accept })),
  });
  if (role === undefined) return undefined;
  const { offices } = await ask(OfficeList, '/offices');
  const choices = scopeChoices(offices);
  const where = await quickInput.pick({
    title: text(peopleText.chooseWhere, { name, role: role.label }),
    step: [2, 2],
    items: choices.map((choice): QuickItem => {
      if (choice.kind === 'everywhere')
        return { id: choice.id, label: text(peopleText.whereEverywhere), icon: 'globe', accept };
      const said = choice.kind === 'region' ? peopleText.whereRegion : peopleText.whereOffice;
      return { id: choice.id, label: text(said, { name: choice.name }), icon: 'organization', accept };
    }),
  });
  const chosen = choices.find(({ id }) => id === where?.id);
  return chosen === undefined ? undefined : { role: role.id as Role, ...chosen.scope };
}

/** What came of a change; `invitation` where there is one to hand over. */
export interface Outcome {
  what: string;
  invitation?: string;
}

/** Asks what to do about a person and does it; undefined when nothing was done. @throws {ApiError} */
export async function changePerson(
  services: Services,
  { id, name, lockedUntilMs }: PersonSummary,
): Promise<Outcome | undefined> {
  const { quickInput, text } = services;
  const item = (message: Message, icon: string) => ({ id: message.id, label: text(message), icon, accept });
  const { addRole, takeRoles, inviteAgain, signOut, endTwoFactor, endPasskeys, unlock, remove, keep } = peopleText;
  const picked = await quickInput.pick({
    title: text(peopleText.changeTitle, { name }),
    items: [
      ...(lockedUntilMs === null ? [] : [item(unlock, 'unlock')]),
      item(addRole, 'shield'),
      item(takeRoles, 'circle-slash'),
      item(inviteAgain, 'mail'),
      item(signOut, 'sign-out'),
      item(endTwoFactor, 'device-mobile'),
      item(endPasskeys, 'key'),
      item(remove, 'trash'),
    ],
  });
  if (picked === undefined) return undefined;
  const path = `/people/${encodeURIComponent(id)}`;
  const setGrants = (grants: RoleGrant[]) => ask(PersonSummary, `${path}/grants`, { method: 'PUT', body: { grants } });
  const done: Outcome = { what: picked.label };
  switch (picked.id) {
    case addRole.id: {
      const grant = await askGrant(services, name);
      if (grant === undefined) return undefined;
      await setGrants([grant]);
      return done;
    }
    case takeRoles.id:
      await setGrants([]);
      return done;
    case inviteAgain.id: {
      const { invitation } = await ask(PersonInvited, `${path}/invitation`, { method: 'POST' });
      return { ...done, invitation };
    }
    case signOut.id:
      await ask(z.unknown(), `${path}/sessions`, { method: 'DELETE' });
      return done;
    case endPasskeys.id:
      await ask(z.unknown(), `${path}/passkeys`, { method: 'DELETE' });
      return done;
    case unlock.id:
      await ask(PersonSummary, `${path}/lock`, { method: 'DELETE' });
      return done;
    case endTwoFactor.id:
      await ask(z.unknown(), `${path}/two-factor`, { method: 'DELETE' });
      return done;
    default: {
      // What cannot be taken back is asked twice, and the harmless answer comes first.
      const sure = await quickInput.pick({
        title: text(peopleText.removeTitle, { name }),
        items: [item(keep, 'close'), item(remove, 'trash')],
      });
      if (sure?.id !== remove.id) return undefined;
      await ask(z.unknown(), path, { method: 'DELETE' });
      return done;
    }
  }
}
