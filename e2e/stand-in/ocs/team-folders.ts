import type { TeamFolder } from '../cloud/team-folders.ts';
import { type Json, OcsError } from './envelope.ts';
import { type OcsRoute, param, type UserCall } from './router.ts';

/** The groupfolders app, below `/index.php/apps/groupfolders`; it speaks the envelope of OCS v1 (recorded). */
export const teamFolderRoutes: readonly OcsRoute[] = [
  { method: 'GET', path: 'groupfolders/folders', access: 'user', handle: list },
  { method: 'POST', path: 'groupfolders/folders', access: 'admin', handle: create },
  { method: 'GET', path: 'groupfolders/folders/{id}', access: 'user', handle: (call) => record(existing(call)) },
  { method: 'DELETE', path: 'groupfolders/folders/{id}', access: 'admin', handle: remove },
  { method: 'POST', path: 'groupfolders/folders/{id}/groups', access: 'admin', handle: addGroup },
];

const allPermissions = 31;

function list({ cloud }: UserCall): Json {
  const folders = [...cloud.teamFolders.byId.values()];
  return folders.length === 0 ? [] : Object.fromEntries(folders.map((folder) => [String(folder.id), record(folder)]));
}

function create({ cloud, fields }: UserCall): Json {
  return { id: cloud.teamFolders.create(fields.get('mountpoint') ?? '').id };
}

function remove(call: UserCall): Json {
  call.cloud.teamFolders.byId.delete(existing(call).id);
  return { success: true };
}

function addGroup(call: UserCall): Json {
  existing(call).groups[call.fields.get('group') ?? ''] = allPermissions;
  return { success: true };
}

function existing(call: UserCall): TeamFolder {
  const folder = call.cloud.teamFolders.byId.get(Number(param(call, 'id')));
  if (folder === undefined) throw new OcsError(404, '');
  return folder;
}

function record({ id, mountPoint, groups, quotaBytes }: TeamFolder): Json {
  return { id, mount_point: mountPoint, groups, quota: quotaBytes, size: 0, acl: false, manage: [] };
}
