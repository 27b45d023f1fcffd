import { type ActivityFile, linkEvent } from '../cloud/activity-log.ts';
import type { Cloud } from '../cloud/cloud.ts';
import { descend, namesIn, pathOf, type TreeNode } from '../cloud/nodes.ts';
import { linkShareType, permissionBits, type Share, type ShareFacts } from '../cloud/shares.ts';
import { type Json, OcsError } from './envelope.ts';
import { type OcsCall, type OcsRoute, param, type UserCall } from './router.ts';

const base = 'apps/files_sharing/api/v1/shares';
const dayMs = 24 * 60 * 60 * 1000;

/** Share API for public links (api.md 5.2). */
export const shareRoutes: readonly OcsRoute[] = [
  { method: 'POST', path: base, access: 'user', handle: createShare },
  { method: 'GET', path: base, access: 'user', handle: listShares },
  { method: 'GET', path: `${base}/{id}`, access: 'user', handle: (call) => [shareRecord(call, ownShare(call), false)] },
  { method: 'PUT', path: `${base}/{id}`, access: 'user', handle: updateShare },
  { method: 'DELETE', path: `${base}/{id}`, access: 'user', handle: deleteShare },
];

function createShare(call: UserCall): Json {
  const { cloud, fields, user } = call;
  if (!fields.has('path')) throw new OcsError(404, 'Please specify a file or folder path');
  const node = nodeAt(call, fields.get('path') ?? '');
  if (Number(fields.get('shareType') ?? -1) !== linkShareType) throw new OcsError(400, 'Unknown share type');
  const facts = factsIn(call);
  obeyPolicy(cloud, facts);
  const share = cloud.shares.create(user.id, node, facts);
  cloud.activity.record(linkEvent(user.id, activityFile(node), 'shared'));
  return shareRecord(call, share, true);
}

function listShares(call: UserCall): Json {
  const wanted = call.fields.get('path');
  const node = wanted === null ? undefined : nodeAt(call, wanted);
  const inFolder = call.fields.get('subfiles') === 'true';
  return call.cloud.shares
    .ownedBy(call.user.id)
    .filter((share) => node === undefined || (inFolder ? share.node.parent : share.node) === node)
    .map((share) => shareRecord(call, share, false));
}

function updateShare(call: UserCall): Json {
  const share = ownShare(call);
  const facts = factsIn(call);
  if (Object.values(facts).every((fact) => fact === undefined))
    throw new OcsError(400, 'Wrong or no update parameter given');
  obeyPolicy(call.cloud, { password: share.password, expireDate: share.expireDate, ...withoutUndefined(facts) });
  call.cloud.shares.update(share, facts);
  return shareRecord(call, share, false);
}

function deleteShare(call: UserCall): Json {
  const share = ownShare(call);
  call.cloud.shares.delete(share);
  call.cloud.activity.record(linkEvent(share.ownerId, activityFile(share.node), 'removed'));
  return [];
}

function activityFile(node: TreeNode): ActivityFile {
  return { id: node.id, path: pathOf(node), isFolder: node.kind === 'folder' };
}

function ownShare(call: UserCall): Share {
  const share = call.cloud.shares.get(param(call, 'id'));
  if (share?.ownerId !== call.user.id) throw new OcsError(404, 'Wrong share ID, share does not exist');
  return share;
}

function nodeAt({ cloud, user }: UserCall, path: string): TreeNode {
  const node = descend(cloud.tree.rootOf(user.id), namesIn(path));
  if (node === undefined) throw new OcsError(404, 'Wrong path, file/folder does not exist');
  return node;
}

function factsIn({ fields, cloud }: OcsCall): ShareFacts {
  const text = (name: string) => fields.get(name) ?? undefined;
  const permissions = text('permissions');
  const expireDate = text('expireDate');
  checkExpireDate(cloud, expireDate);
  return {
    permissions: permissions === undefined ? publicUpload(text('publicUpload')) : Number(permissions),
    label: text('label'),
    note: text('note'),
    password: text('password'),
    expireDate,
    hideDownload: fields.has('hideDownload') ? fields.get('hideDownload') === 'true' : undefined,
    attributes: text('attributes'),
  };
}

function publicUpload(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const { read, update, create } = permissionBits;
  return value === 'true' ? read | update | create | permissionBits.delete : read;
}

function checkExpireDate(cloud: Cloud, date: string | undefined): void {
  if (date === undefined || date === '') return;
  const atMs = /^\d{4}-\d{2}-\d{2}/.test(date) ? Date.parse(date.slice(0, 10)) : Number.NaN;
  if (Number.isNaN(atMs)) throw new OcsError(404, 'Invalid date, date format must be YYYY-MM-DD');
  if (atMs < cloud.clock.nowMs()) throw new OcsError(404, 'Expiration date is in the past');
}

/** Applies the administrator's rules; fills in the longest life where none was asked for. */
function obeyPolicy(cloud: Cloud, facts: ShareFacts): void {
  if (cloud.policy.passwordEnforced && !facts.password)
    throw new OcsError(403, 'Passwords are enforced for link and mail shares');
  const { maxExpireDays } = cloud.policy;
  if (maxExpireDays === undefined) return;
  const latest = new Date(cloud.clock.nowMs() + maxExpireDays * dayMs).toISOString().slice(0, 10);
  if (!facts.expireDate) facts.expireDate = latest;
  if (facts.expireDate > latest)
    throw new OcsError(404, `Cannot set expiration date more than ${maxExpireDays} days in the future`);
}

function withoutUndefined(facts: ShareFacts): ShareFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/** The record as 27 gives it; `fresh` is the answer to the creation, which says that a mail could be sent. */
function shareRecord({ cloud, exchange }: OcsCall, share: Share, fresh: boolean): Json {
  const { node } = share;
  const owner = cloud.accounts.users.get(share.ownerId)?.displayName ?? share.ownerId;
  const path = pathOf(node);
  return {
    id: share.id,
    share_type: linkShareType,
    uid_owner: share.ownerId,
    displayname_owner: owner,
    permissions: share.permissions,
    can_edit: true,
    can_delete: true,
    stime: share.createdAtSeconds,
    parent: null,
    expiration: share.expireDate === undefined ? null : `${share.expireDate.slice(0, 10)} 00:00:00`,
    token: share.token,
    uid_file_owner: share.ownerId,
    note: share.note,
    label: share.label,
    displayname_file_owner: owner,
    path,
    item_type: node.kind,
    mimetype: node.kind === 'file' ? node.mimeType : 'httpd/unix-directory',
    has_preview: false,
    storage_id: `home::${share.ownerId}`,
    storage: 1,
    item_source: node.id,
    file_source: node.id,
    file_parent: node.parent?.id ?? node.id,
    file_target: `/${node.name}`,
    share_with: share.passwordHash,
    share_with_displayname: '(Shared link)',
    password: share.passwordHash,
    send_password_by_talk: false,
    url: `${exchange.baseUrl}/s/${share.token}`,
    mail_send: fresh ? 1 : 0,
    hide_download: share.hideDownload ? 1 : 0,
    attributes: share.attributes,
  };
}
