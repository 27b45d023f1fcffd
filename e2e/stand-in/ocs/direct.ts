import { type Json, OcsError } from './envelope.ts';
import type { OcsRoute, UserCall } from './router.ts';

const defaultLifetimeSeconds = 28_800;
const longestLifetimeSeconds = 86_400;

/** Direct download links (api.md 6). */
export const directRoutes: readonly OcsRoute[] = [
  { method: 'POST', path: 'apps/dav/api/v1/direct', access: 'user', handle: createDirectLink },
];

function createDirectLink({ cloud, exchange, fields, user }: UserCall): Json {
  const node = cloud.tree.byId(Number(fields.get('fileId') ?? 0));
  if (node === undefined || cloud.tree.ownerOf(node) !== user.id) throw new OcsError(404, '');
  if (node.kind !== 'file') throw new OcsError(400, 'Direct download only works for files');
  const lifetimeSeconds = Number(fields.get('expirationTime') ?? defaultLifetimeSeconds);
  if (!(lifetimeSeconds > 0 && lifetimeSeconds <= longestLifetimeSeconds))
    throw new OcsError(400, 'Expiration time should be greater than 0');
  return {
    url: `${exchange.baseUrl}/remote.php/direct/${cloud.directLinks.create(user.id, node.id, lifetimeSeconds)}`,
  };
}
