/** Where a role may hold, as one list to choose from: everywhere, each region, each office. */
import type { OfficeSummary, RoleGrant } from '../../api/schemas.ts';

export type Scope = Pick<RoleGrant, 'everywhere' | 'regions' | 'officeIds'>;

/** One entry of the list. */
export type ScopeChoice =
  | { kind: 'everywhere'; id: string; scope: Scope }
  | { kind: 'region' | 'office'; id: string; name: string; scope: Scope };

/** Everywhere first, then regions, then offices, both by name. */
export function scopeChoices(offices: readonly Pick<OfficeSummary, 'id' | 'name' | 'region'>[]): ScopeChoice[] {
  const nowhere: Scope = { everywhere: false, regions: [], officeIds: [] };
  const regions = [...new Set(offices.flatMap(({ region }) => region ?? []))].sort((a, b) => a.localeCompare(b));
  return [
    { kind: 'everywhere', id: 'everywhere', scope: { ...nowhere, everywhere: true } },
    ...regions.map(
      (name): ScopeChoice => ({ kind: 'region', id: `region/${name}`, name, scope: { ...nowhere, regions: [name] } }),
    ),
    ...offices.map(
      ({ id, name }): ScopeChoice => ({
        kind: 'office',
        id: `office/${id}`,
        name,
        scope: { ...nowhere, officeIds: [id] },
      }),
    ),
  ];
}
