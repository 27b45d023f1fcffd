/** What somebody may do and where, worked out of roles and scopes. Pure: who reads roles from the database is grants.ts. */
import { type Action, actions, organisationWide, type Role, roleMay } from '../../api/access-rules.ts';

/** Where something may be done: in the whole organisation, or in these offices, by id. */
export type Places = 'everywhere' | ReadonlySet<string>;

/** A role and the places in which it holds. */
export interface PlacedRole {
  role: Role;
  places: Places;
}

/** Where somebody may do what. What is missing may be done nowhere. */
export type Rights = ReadonlyMap<Action, Places>;

export const NOWHERE: Places = new Set();

/** What these roles allow together. */
export function rightsOf(placed: readonly PlacedRole[]): Rights {
  const rights = new Map<Action, Places>();
  for (const { role, places } of placed) {
    for (const action of actions) {
      if (!roleMay(role, action) || (organisationWide.has(action) && places !== 'everywhere')) continue;
      if (places === 'everywhere' || places.size > 0) rights.set(action, union(rights.get(action) ?? NOWHERE, places));
    }
  }
  return rights;
}

/** What both allow: a key never reaches farther than its owner does now. */
export function commonRights(one: Rights, other: Rights): Rights {
  const rights = new Map<Action, Places>();
  for (const [action, places] of one) {
    const common = intersection(places, other.get(action) ?? NOWHERE);
    if (common === 'everywhere' || (common.size > 0 && !organisationWide.has(action))) rights.set(action, common);
  }
  return rights;
}

/** These actions in these places, whoever may do them. */
export function rightsTo(allowed: Iterable<Action>, places: Places): Rights {
  const rights = new Map<Action, Places>();
  for (const action of allowed)
    if (places === 'everywhere' || !organisationWide.has(action)) rights.set(action, places);
  return rights;
}

/** Whoever asks, as far as rights go. */
export interface Holder {
  readonly rights: Rights;
}

/** Whether somebody may do something: in the office of id `scope`, in the whole organisation, or, without a scope, anywhere at all. */
export function may(holder: Holder | undefined, action: Action, scope?: string | 'everywhere'): boolean {
  const places = placesOf(holder, action);
  if (places === 'everywhere') return true;
  if (scope === 'everywhere') return false;
  return scope === undefined ? places.size > 0 : places.has(scope);
}

/** Where somebody may do something. */
export function placesOf(holder: Holder | undefined, action: Action): Places {
  return holder?.rights.get(action) ?? NOWHERE;
}

/** Whether an office is among places. */
export function isIn(places: Places, officeId: string): boolean {
  return places === 'everywhere' || places.has(officeId);
}

/** A text that is another one as soon as anything may be done that could not be before, or the other way round. */
export function fingerprintOf(rights: Rights): string {
  return [...rights]
    .map(([action, places]) => `${action}=${keyOf(places)}`)
    .sort()
    .join(';');
}

/** A text for places: the same for the same ones. */
export function keyOf(places: Places): string {
  return places === 'everywhere' ? '*' : [...places].sort().join(',');
}

function union(one: Places, other: Places): Places {
  return one === 'everywhere' || other === 'everywhere' ? 'everywhere' : new Set([...one, ...other]);
}

function intersection(one: Places, other: Places): Places {
  if (one === 'everywhere') return other;
  if (other === 'everywhere') return one;
  return new Set([...one].filter((place) => other.has(place)));
}
