/** What a fleet document changed, for the audit log: one entry for each object, with both sides. */
import type { AuditRecord } from '../audit/trail.ts';
import type { FleetPlan, FleetState, FleetStep } from './plan.ts';

/** Ids by name, of what was there and of what was made. */
export interface FleetIds {
  nextcloud(name: string): string;
  office(name: string): string;
  folder(name: string): string;
}

/** Records every step of `plan`. `state` is what was there before. */
export function recordSteps(plan: FleetPlan, state: FleetState, ids: FleetIds, record: AuditRecord): void {
  const folders = new Map(state.folders.map((folder) => [folder.name, folder]));
  const offices = new Map(state.offices.map((office) => [office.name, office]));
  const nextclouds = new Map(state.nextclouds.map((nextcloud) => [nextcloud.name, nextcloud]));
  for (const step of plan.steps) recordStep(step, { folders, offices, nextclouds }, ids, record);
}

interface Known {
  folders: ReadonlyMap<string, FleetState['folders'][number]>;
  offices: ReadonlyMap<string, FleetState['offices'][number]>;
  nextclouds: ReadonlyMap<string, FleetState['nextclouds'][number]>;
}

function recordStep(step: FleetStep, known: Known, ids: FleetIds, record: AuditRecord): void {
  switch (step.do) {
    case 'create-nextcloud':
    case 'update-nextcloud': {
      const { name, url, user, password, caPem } = step.nextcloud;
      const before = known.nextclouds.get(name);
      record.add({
        action: before === undefined ? 'nextcloud.create' : 'nextcloud.update',
        object: { kind: 'nextcloud', id: ids.nextcloud(name), name },
        before: before === undefined ? null : connectionOf(before),
        after: connectionOf({ url, user, password, caPem: caPem ?? null }),
      });
      return;
    }
    case 'delete-nextcloud': {
      const before = known.nextclouds.get(step.name);
      record.add({
        action: 'nextcloud.delete',
        object: { kind: 'nextcloud', id: step.id, name: step.name },
        before: before === undefined ? null : connectionOf(before),
      });
      return;
    }
    case 'create-office':
    case 'update-office': {
      const { name, subnets, region, timeZone } = step.office;
      const before = known.offices.get(name);
      const id = ids.office(name);
      record.add({
        action: before === undefined ? 'office.create' : 'office.update',
        object: { kind: 'office', id, name },
        office: id,
        before: before === undefined ? null : placeOf(before),
        after: placeOf({ subnets, region: region ?? null, timeZone: timeZone ?? null }),
      });
      return;
    }
    case 'delete-office': {
      const before = known.offices.get(step.name);
      record.add({
        action: 'office.delete',
        object: { kind: 'office', id: step.id, name: step.name },
        office: step.id,
        before: before === undefined ? null : placeOf(before),
      });
      return;
    }
    case 'create-folder': {
      const { name, nextcloud, path } = step.folder;
      record.add({
        action: 'folder.create',
        object: { kind: 'folder', id: ids.folder(name), name },
        after: { nextcloud, path },
      });
      return;
    }
    case 'delete-folder': {
      const before = known.folders.get(step.name);
      record.add({
        action: 'folder.delete',
        object: { kind: 'folder', id: step.id, name: step.name },
        before:
          before === undefined ? null : { nextcloud: before.nextcloud, path: before.path, offices: before.offices },
      });
      return;
    }
    case 'assign':
    case 'unassign': {
      const { folder, office } = step;
      const officeId = ids.office(office);
      const fields = { folder, office };
      record.add({
        action: step.do === 'assign' ? 'assignment.create' : 'assignment.delete',
        object: { kind: 'assignment', id: `${ids.folder(folder)}/${officeId}`, name: `${folder} → ${office}` },
        office: officeId,
        ...(step.do === 'assign' ? { after: fields } : { before: fields }),
      });
      return;
    }
  }
}

/** The password stands here to be compared; the log shows only whether it changed. */
function connectionOf({ url, user, password, caPem }: Omit<FleetState['nextclouds'][number], 'id' | 'name'>) {
  // One that cannot be unsealed any more is another one.
  return { url, user, password: password ?? '(unreadable)', caPem };
}

function placeOf({ subnets, region, timeZone }: Omit<FleetState['offices'][number], 'id' | 'name' | 'agents'>) {
  return { subnets: [...subnets], region, timeZone };
}
