/**
 * What has to be done so that the fleet becomes what a document declares. Pure: a document and what exists go in, steps come out, so that a dry run
 * and the real thing cannot differ, and every decision has a line in a table test.
 */
import { type FleetProblem, normaliseFolderPath, normaliseServerUrl } from '../../api/fleet-rules.ts';
import type { FleetChange, FleetDocument, FleetResult } from '../../api/schemas.ts';
import { refuse } from './refusal.ts';

/** What exists. Names are the identity of everything a document can declare. */
export interface FleetState {
  nextclouds: readonly {
    id: string;
    name: string;
    url: string;
    user: string;
    /** Undefined if it cannot be unsealed any more: any password is then a change. */
    password: string | undefined;
    caPem: string | null;
  }[];
  /** `agents` counts those that are not revoked. */
  offices: readonly {
    id: string;
    name: string;
    subnets: readonly string[];
    region: string | null;
    timeZone: string | null;
    agents: number;
  }[];
  folders: readonly { id: string; name: string; nextcloud: string; path: string; offices: readonly string[] }[];
}

type NextcloudDeclared = FleetDocument['nextclouds'][number];
type OfficeDeclared = FleetDocument['offices'][number];
type FolderDeclared = FleetDocument['folders'][number];

/** One thing to do. Names are those of the document; ids are given when a step is carried out. */
export type FleetStep =
  | { do: 'create-nextcloud'; nextcloud: NextcloudDeclared }
  | { do: 'update-nextcloud'; id: string; nextcloud: NextcloudDeclared }
  | { do: 'create-office'; office: OfficeDeclared }
  | { do: 'update-office'; id: string; office: OfficeDeclared }
  | { do: 'create-folder'; folder: FolderDeclared }
  | { do: 'assign'; folder: string; office: string }
  | { do: 'unassign'; folder: string; office: string }
  | { do: 'delete-folder'; id: string; name: string }
  | { do: 'delete-office'; id: string; name: string }
  | { do: 'delete-nextcloud'; id: string; name: string };

export interface FleetPlan extends FleetResult {
  /** In an order in which each may be carried out: what something refers to comes before it and goes after it. */
  steps: FleetStep[];
}

/**
 * Compares `document`, whose parts agree with each other (`fleetProblems`), with what exists.
 *
 * @throws {ProblemsError} `fleet.conflict` with what to do, if something would have to change that cannot
 */
export function planFleet(document: FleetDocument, state: FleetState, { prune }: { prune: boolean }): FleetPlan {
  const plan: FleetPlan = { steps: [], changes: [], unlisted: [] };
  refuse('fleet.conflict', [...nameClashes(document, state, prune), ...folderConflicts(document, state, prune)]);
  const add = (step: FleetStep, change: FleetChange) => {
    plan.steps.push(step);
    plan.changes.push(change);
  };
  planNextclouds(document, state, add);
  planOffices(document, state, add);
  planFolders(document, state, add);
  const removals = planRemovals(document, state);
  if (prune) {
    refuse('fleet.conflict', officesInUse(document, state));
    for (const { step, change } of removals) add(step, change);
  } else plan.unlisted.push(...removals.map(({ change }) => change));
  return plan;
}

type Add = (step: FleetStep, change: FleetChange) => void;

function planNextclouds(document: FleetDocument, state: FleetState, add: Add): void {
  const existing = byName(state.nextclouds);
  for (const declared of document.nextclouds) {
    const nextcloud = { ...declared, url: normaliseServerUrl(declared.url) };
    const present = existing.get(nextcloud.name);
    const named = { kind: 'nextcloud', name: nextcloud.name } as const;
    if (present === undefined) {
      add({ do: 'create-nextcloud', nextcloud }, { action: 'create', ...named, detail: nextcloud.url });
      continue;
    }
    const differs = [
      present.url === nextcloud.url ? '' : `url ${present.url} → ${nextcloud.url}`,
      present.user === nextcloud.user ? '' : `user ${present.user} → ${nextcloud.user}`,
      present.password === nextcloud.password ? '' : 'password',
      present.caPem === (nextcloud.caPem ?? null) ? '' : 'CA certificate',
    ].filter(Boolean);
    if (differs.length > 0)
      add(
        { do: 'update-nextcloud', id: present.id, nextcloud },
        { action: 'update', ...named, detail: differs.join(', ') },
      );
  }
}

function planOffices(document: FleetDocument, state: FleetState, add: Add): void {
  const existing = byName(state.offices);
  for (const office of document.offices) {
    const present = existing.get(office.name);
    const named = { kind: 'office', name: office.name } as const;
    if (present === undefined) {
      add({ do: 'create-office', office }, { action: 'create', ...named });
      continue;
    }
    const changed = (what: string, before: string | null, after: string | undefined) =>
      before === (after ?? null) ? '' : `${what} ${before ?? 'none'} → ${after ?? 'none'}`;
    const differs = [
      sameMembers(present.subnets, office.subnets)
        ? ''
        : `subnets ${listed(present.subnets)} → ${listed(office.subnets)}`,
      changed('region', present.region, office.region),
      changed('time zone', present.timeZone, office.timeZone),
    ].filter(Boolean);
    if (differs.length > 0)
      add({ do: 'update-office', id: present.id, office }, { action: 'update', ...named, detail: differs.join(', ') });
  }
}

function planFolders(document: FleetDocument, state: FleetState, add: Add): void {
  const existing = byName(state.folders);
  for (const declared of document.folders) {
    const folder = { ...declared, path: normaliseFolderPath(declared.path) };
    const present = existing.get(folder.name);
    if (present === undefined) {
      const detail = `${folder.nextcloud}:${folder.path}`;
      add({ do: 'create-folder', folder }, { action: 'create', kind: 'folder', name: folder.name, detail });
    }
    const assigned = new Set(present?.offices);
    for (const office of folder.offices) {
      if (!assigned.has(office))
        add({ do: 'assign', folder: folder.name, office }, assignment('create', folder.name, office));
    }
  }
}

/** What exists without being declared, children before what they refer to. */
function planRemovals(document: FleetDocument, state: FleetState): { step: FleetStep; change: FleetChange }[] {
  const declaredFolders = byName(document.folders);
  const declaredOffices = byName(document.offices);
  const declaredNextclouds = byName(document.nextclouds);
  const removed = (kind: 'folder' | 'office' | 'nextcloud', { name }: { name: string }): FleetChange => ({
    action: 'delete',
    kind,
    name,
  });
  const assignments = state.folders.flatMap((folder) => {
    const declared = declaredFolders.get(folder.name);
    if (declared === undefined) return [];
    return folder.offices
      .filter((office) => !declared.offices.includes(office))
      .map((office) => ({
        step: { do: 'unassign', folder: folder.name, office } as const,
        change: assignment('delete', folder.name, office),
      }));
  });
  const folders = state.folders
    .filter(({ name }) => !declaredFolders.has(name))
    .map((folder) => ({
      step: { do: 'delete-folder', id: folder.id, name: folder.name } as const,
      change: removed('folder', folder),
    }));
  const offices = state.offices
    .filter(({ name }) => !declaredOffices.has(name))
    .map((office) => ({
      step: { do: 'delete-office', id: office.id, name: office.name } as const,
      change: removed('office', office),
    }));
  const nextclouds = state.nextclouds
    .filter(({ name }) => !declaredNextclouds.has(name))
    .map((nextcloud) => ({
      step: { do: 'delete-nextcloud', id: nextcloud.id, name: nextcloud.name } as const,
      change: removed('nextcloud', nextcloud),
    }));
  return [...assignments, ...folders, ...offices, ...nextclouds];
}

function officesInUse(document: FleetDocument, state: FleetState): FleetProblem[] {
  const declared = byName(document.offices);
  return state.offices
    .filter(({ name, agents }) => agents > 0 && !declared.has(name))
    .map(({ name, agents }) => ({
      path: ['offices'],
      message: `office "${name}" is not in the file but has ${agents} agent${agents === 1 ? '' : 's'}: revoke them first (harp agent list --office "${name}", harp agent revoke ID), or declare the office`,
    }));
}

/** A name that differs in case alone from one that stays. */
function nameClashes(document: FleetDocument, state: FleetState, prune: boolean): FleetProblem[] {
  if (prune) return [];
  return (['nextclouds', 'offices', 'folders'] as const).flatMap((list) => {
    const exact = byName<{ name: string }>(state[list]);
    const folded = new Map(state[list].map(({ name }) => [foldCase(name), name]));
    return document[list].flatMap(({ name }, index): FleetProblem[] => {
      const other = folded.get(foldCase(name));
      if (other === undefined || exact.has(name)) return [];
      const message = `"${name}" differs from the existing "${other}" in upper and lower case only: use that name`;
      return [{ path: [list, index, 'name'], message }];
    });
  });
}

function folderConflicts(document: FleetDocument, state: FleetState, prune: boolean): FleetProblem[] {
  const existing = byName(state.folders);
  const declared = byName(document.folders);
  const places = new Map(state.folders.map((folder) => [placeOf(folder), folder]));
  return document.folders.flatMap((folder, index): FleetProblem[] => {
    const present = existing.get(folder.name);
    if (present !== undefined) {
      if (placeOf(present) === placeOf(folder)) return [];
      const field = present.nextcloud === folder.nextcloud ? 'path' : 'nextcloud';
      const message = `folder "${folder.name}" distributes ${present.nextcloud}:${present.path}, and its chain belongs to that place: give ${placeOf(folder)} a folder of its own with another name, and remove this one with --prune when it is no longer needed`;
      return [{ path: ['folders', index, field], message }];
    }
    const other = places.get(placeOf(folder));
    if (other === undefined || (prune && !declared.has(other.name))) return [];
    const message = `folder "${other.name}" distributes ${placeOf(folder)} already: a folder cannot be renamed, so keep that name, or remove the old one with --prune`;
    return [{ path: ['folders', index, 'path'], message }];
  });
}

function placeOf({ nextcloud, path }: { nextcloud: string; path: string }): string {
  return `${nextcloud}:${normaliseFolderPath(path)}`;
}

function assignment(action: 'create' | 'delete', folder: string, office: string): FleetChange {
  return { action, kind: 'assignment', name: `${folder} → ${office}` };
}

function byName<T extends { name: string }>(items: readonly T[]): Map<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

function foldCase(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function sameMembers(a: readonly string[], b: readonly string[]): boolean {
  const left = new Set(a);
  const right = new Set(b);
  return left.size === right.size && [...left].every((member) => right.has(member));
}

function listed(subnets: readonly string[]): string {
  return subnets.length === 0 ? 'none' : subnets.join(', ');
}
