/** Roles and their places in words. */
import type { RoleGrant } from '../../api/schemas.ts';
import type { Message } from '../../i18n/messages.ts';
import { peopleText } from './messages.ts';

type Text = (message: Message, values?: Record<string, string | number>) => string;

/** `helpdesk: regions North, South · 2 offices; viewer: everywhere`. */
export function grantsText(grants: readonly RoleGrant[], text: Text): string {
  if (grants.length === 0) return text(peopleText.noRole);
  return grants.map((grant) => `${text(peopleText[grant.role])}: ${placesText(grant, text)}`).join('; ');
}

function placesText({ everywhere, regions, officeIds }: RoleGrant, text: Text): string {
  if (everywhere) return text(peopleText.everywhere);
  return [
    ...(regions.length === 0 ? [] : [text(peopleText.regions, { names: regions.join(', ') })]),
    ...(officeIds.length === 0 ? [] : [text(peopleText.offices, { count: officeIds.length })]),
  ].join(' · ');
}
