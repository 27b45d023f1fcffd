import type { User } from '../cloud/accounts.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { type Json, OcsError } from './envelope.ts';
import { type OcsCall, type OcsRoute, param, type UserCall } from './router.ts';

/** Free space the stand-in claims to have: 1 TiB. */
const freeBytes = 1024 ** 4;

/** Provisioning API: users and groups (api.md 3). */
export const userRoutes: readonly OcsRoute[] = [
  { method: 'GET', path: 'cloud/user', access: 'user', handle: ({ cloud, user }) => ownRecord(cloud, user) },
  {
    method: 'GET',
    path: 'cloud/users',
    access: 'admin',
    handle: (call) => ({ users: page(call, [...call.cloud.accounts.users.keys()].sort()) }),
  },
  { method: 'GET', path: 'cloud/users/details', access: 'admin', handle: userDetails },
  { method: 'GET', path: 'cloud/users/{id}', access: 'user', handle: oneUser },
  { method: 'POST', path: 'cloud/users', access: 'admin', handle: createUser },
  { method: 'PUT', path: 'cloud/users/{id}', access: 'admin', handle: editUser },
  { method: 'PUT', path: 'cloud/users/{id}/enable', access: 'admin', handle: (call) => setEnabled(call, true) },
  { method: 'PUT', path: 'cloud/users/{id}/disable', access: 'admin', handle: (call) => setEnabled(call, false) },
  { method: 'DELETE', path: 'cloud/users/{id}', access: 'admin', handle: deleteUser },
  { method: 'GET', path: 'cloud/users/{id}/groups', access: 'user', handle: groupsOfUser },
  { method: 'POST', path: 'cloud/users/{id}/groups', access: 'admin', handle: addToGroup },
  { method: 'DELETE', path: 'cloud/users/{id}/groups', access: 'admin', handle: removeFromGroup },
  {
    method: 'GET',
    path: 'cloud/groups',
    access: 'admin',
    handle: (call) => ({ groups: page(call, call.cloud.accounts.groupIds()) }),
  },
  { method: 'GET', path: 'cloud/groups/details', access: 'admin', handle: groupDetails },
  { method: 'POST', path: 'cloud/groups', access: 'admin', handle: createGroup },
  { method: 'DELETE', path: 'cloud/groups/{group}', access: 'admin', handle: deleteGroup },
  { method: 'GET', path: 'cloud/groups/{group}', access: 'admin', handle: groupMembers },
  { method: 'GET', path: 'cloud/groups/{group}/users', access: 'admin', handle: groupMembers },
];

function userDetails(call: UserCall): Json {
  const { users } = call.cloud.accounts;
  const shown = page(call, [...users.keys()]).flatMap((id) => users.get(id) ?? []);
  return { users: Object.fromEntries(shown.map((user) => [user.id, adminRecord(call.cloud, user)])) };
}

function oneUser(call: UserCall): Json {
  const id = param(call, 'id');
  if (id === call.user.id) return ownRecord(call.cloud, call.user);
  if (!call.cloud.accounts.isAdmin(call.user.id)) throw new OcsError(404, 'User does not exist');
  return adminRecord(call.cloud, existing(call));
}

function createUser({ cloud, fields, user: actor }: UserCall): Json {
  const id = fields.get('userid') ?? '';
  const password = fields.get('password') ?? '';
  if (!/^[a-zA-Z0-9 _.@'-]+$/.test(id))
    throw new OcsError(400, 'Only the following characters are allowed in a username', 101);
  if (password === '')
    throw new OcsError(400, 'To send a password link to the user an email address is required.', 108);
  const displayName = fields.get('displayName') ?? undefined;
  if (!cloud.accounts.addUser({ id, password, displayName }, false))
    throw new OcsError(400, 'User already exists', 102);
  for (const group of fields.getAll('groups[]')) join(cloud, actor, id, group);
  return { id };
}

function editUser(call: UserCall): Json {
  const user = existing(call);
  const value = call.fields.get('value') ?? '';
  const setters: Readonly<Record<string, () => void>> = {
    displayname: () => {
      user.displayName = value;
    },
    email: () => {
      user.email = value;
    },
    password: () => {
      user.password = value;
      call.cloud.accounts.revokeAll(user.id);
    },
  };
  const setter = setters[call.fields.get('key') ?? ''];
  if (setter === undefined) throw new OcsError(400, '', 113);
  setter();
  return [];
}

function setEnabled(call: UserCall, enabled: boolean): Json {
  existing(call).enabled = enabled;
  return [];
}

function deleteUser(call: UserCall): Json {
  call.cloud.accounts.removeUser(existing(call).id);
  return [];
}

function groupsOfUser(call: UserCall): Json {
  const id = param(call, 'id');
  if (id !== call.user.id && !call.cloud.accounts.isAdmin(call.user.id)) throw new OcsError(403, '', 998);
  return { groups: call.cloud.accounts.groupsOf(id) };
}

function addToGroup(call: UserCall): Json {
  const group = call.fields.get('groupid') ?? '';
  const user = existing(call);
  if (call.cloud.accounts.membersOf(group) === undefined) throw new OcsError(400, '', 102);
  join(call.cloud, call.user, user.id, group);
  return [];
}

function removeFromGroup(call: UserCall): Json {
  call.cloud.accounts.removeFromGroup(existing(call).id, call.fields.get('groupid') ?? '');
  return [];
}

function createGroup({ cloud, fields }: UserCall): Json {
  if (!cloud.accounts.addGroup(fields.get('groupid') ?? '')) throw new OcsError(400, 'group exists', 102);
  return [];
}

function deleteGroup(call: UserCall): Json {
  if (!call.cloud.accounts.removeGroup(param(call, 'group'))) throw new OcsError(400, '', 101);
  return [];
}

function groupMembers(call: UserCall): Json {
  const members = call.cloud.accounts.membersOf(param(call, 'group'));
  if (members === undefined) throw new OcsError(404, 'The requested group could not be found');
  return { users: members };
}

function groupDetails(call: UserCall): Json {
  const { accounts } = call.cloud;
  const groups = page(call, accounts.groupIds()).map((id) => {
    return {
      id,
      displayname: id,
      usercount: accounts.membersOf(id)?.length ?? 0,
      disabled: 0,
      canAdd: true,
      canRemove: true,
    };
  });
  return { groups };
}

function join(cloud: Cloud, actor: User, userId: string, group: string): void {
  cloud.accounts.addToGroup(userId, group);
  const name = cloud.accounts.users.get(userId)?.displayName ?? userId;
  cloud.activity.record({
    userId,
    actorId: actor.id,
    app: 'settings',
    type: 'group_settings',
    subject: '{actor} added you to group {group}',
    files: {},
    others: {
      user: { type: 'user', id: userId, name },
      group: { type: 'user-group', id: group, name: group },
      actor: { type: 'user', id: actor.id, name: actor.displayName },
    },
    object: { type: '', id: 0, name: '' },
    icon: '/apps/settings/img/personal.svg',
  });
}

function existing(call: OcsCall): User {
  const user = call.cloud.accounts.users.get(param(call, 'id'));
  if (user === undefined) throw new OcsError(404, 'User does not exist');
  return user;
}

function page({ fields }: OcsCall, ids: string[]): string[] {
  const search = (fields.get('search') ?? '').toLowerCase();
  const offset = Number(fields.get('offset') ?? 0);
  const limit = Number(fields.get('limit') ?? Number.POSITIVE_INFINITY);
  return ids.filter((id) => id.toLowerCase().includes(search)).slice(offset, offset + limit);
}

/** Fields of a profile that the stand-in leaves empty, each with the scope Nextcloud gives it. */
const emptyProfile = [
  'phone',
  'address',
  'website',
  'twitter',
  'fediverse',
  'organisation',
  'role',
  'headline',
  'biography',
];

function adminRecord(cloud: Cloud, user: User): Json {
  const storageLocation = `/var/www/data/${user.id}`;
  const profile = Object.fromEntries(emptyProfile.map((field) => [field, '']));
  return { enabled: user.enabled, storageLocation, ...commonRecord(cloud, user), ...profile };
}

function ownRecord(cloud: Cloud, user: User): Json {
  const scopes = Object.fromEntries(
    emptyProfile.flatMap((field) => [
      [field, ''],
      [`${field}Scope`, 'v2-local'],
    ]),
  );
  return {
    ...commonRecord(cloud, user),
    avatarScope: 'v2-federated',
    emailScope: 'v2-federated',
    additional_mailScope: [],
    displaynameScope: 'v2-federated',
    profile_enabledScope: 'v2-local',
    ...scopes,
  };
}

function commonRecord(cloud: Cloud, user: User): { [key: string]: Json } {
  const used = cloud.tree.rootOf(user.id).sizeBytes;
  const relative = Math.round((used / (used + freeBytes)) * 10_000) / 100;
  return {
    id: user.id,
    lastLogin: user.lastLoginMs,
    backend: 'Database',
    subadmin: [],
    quota: { free: freeBytes, used, total: freeBytes + used, relative, quota: -3 },
    manager: '',
    email: user.email,
    additional_mail: [],
    displayname: user.displayName,
    'display-name': user.displayName,
    profile_enabled: '1',
    groups: cloud.accounts.groupsOf(user.id),
    language: 'en',
    locale: '',
    notify_email: null,
    backendCapabilities: { setDisplayName: true, setPassword: true },
  };
}
