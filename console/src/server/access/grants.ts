/** Roles as they are stored, and what they come to at this moment: a region is the offices that are in it now. */
import type { PrismaClient } from '@harp/prisma';
import { type Role, roles } from '../../api/access-rules.ts';
import type { PlacedRole, Places } from './rights.ts';

/** A scope as it is stored. */
export interface StoredScope {
  everywhere: boolean;
  regions: readonly string[];
  officeIds: readonly string[];
}

/** A role as it is stored. */
export type StoredGrant = StoredScope & { role: string };

/** The columns of either. */
export const scopeColumns = { everywhere: true, regions: true, officeIds: true } as const;
export const grantColumns = { role: true, ...scopeColumns } as const;

type Database = Pick<PrismaClient, 'office'>;

/** Where scopes reach now, each in its turn. One query for all of them, none where nobody named a region. */
export async function placesOfScopes(database: Database, scopes: readonly StoredScope[]): Promise<Places[]> {
  const regions = [...new Set(scopes.flatMap((scope) => (scope.everywhere ? [] : scope.regions)))];
  const offices =
    regions.length === 0
      ? []
      : await database.office.findMany({ where: { region: { in: regions } }, select: { id: true, region: true } });
  return scopes.map((scope) =>
    scope.everywhere
      ? 'everywhere'
      : new Set([
          ...scope.officeIds,
          ...offices.filter(({ region }) => region !== null && scope.regions.includes(region)).map(({ id }) => id),
        ]),
  );
}

/** Roles with the places they reach now. What is no role any more allows nothing. */
export async function placedRoles(database: Database, grants: readonly StoredGrant[]): Promise<PlacedRole[]> {
  const known = grants.flatMap((grant) => {
    const role = roleNamed(grant.role);
    return role === undefined ? [] : [{ ...grant, role }];
  });
  const places = await placesOfScopes(database, known);
  return known.map(({ role }, index) => ({ role, places: places[index]! }));
}

/** The role of this name; undefined if there is none. */
export function roleNamed(name: string): Role | undefined {
  return roles.find((role) => role === name);
}

/** Of several roles the one that may most; undefined for none. */
export function highestRole(names: readonly string[]): Role | undefined {
  return roles.find((role) => names.includes(role));
}
