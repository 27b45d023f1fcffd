import type { User } from '../cloud/accounts.ts';
import { type Cloud, majorOf } from '../cloud/cloud.ts';
import { permissionBits, type Share } from '../cloud/shares.ts';
import type { Area } from '../wire/area.ts';
import type { Exchange } from '../wire/exchange.ts';
import { emptyReply, htmlReply, type Reply } from '../wire/reply.ts';
import {
  DavError,
  fileNotFound,
  forbidden,
  notAuthenticated,
  notFound,
  notImplemented,
  unavailable,
} from './errors.ts';
import { getNode } from './get.ts';
import { propfind, propfindForeignRoot } from './propfind.ts';
import { search } from './search.ts';
import { handleUpload } from './uploads.ts';
import { type DavView, davFeatures, encodePath, resolve } from './view.ts';
import { mkcol, patchHash, proppatch, put, relocate, remove, type WriteContext } from './write.ts';

type AreaOf<Kind extends Area['kind']> = Extract<Area, { kind: Kind }>;

const writeHandlers: Readonly<Record<string, (context: WriteContext) => Reply | Promise<Reply>>> = {
  PUT: put,
  MKCOL: mkcol,
  DELETE: remove,
  MOVE: relocate,
  COPY: relocate,
  PATCH: patchHash,
  PROPPATCH: proppatch,
};

/** `/remote.php/dav/files/{user}` and the old `/remote.php/webdav`. */
export async function handleFiles(exchange: Exchange, cloud: Cloud, area: AreaOf<'files'>): Promise<Reply> {
  const user = loggedIn(exchange);
  if (area.userId !== undefined && area.userId !== user.id) return foreignFiles(exchange, cloud, area);
  return handleTree(exchange, cloud, userView(exchange, cloud, user, area.hrefBase), area.path);
}

/** Chunked uploads, always of the user who is logged in. */
export async function handleUploads(exchange: Exchange, cloud: Cloud, area: AreaOf<'uploads'>): Promise<Reply> {
  const user = loggedIn(exchange);
  if (area.userId !== user.id) throw fileNotFound('', area.userId);
  return handleUpload(exchange, cloud, userView(exchange, cloud, user, `/remote.php/dav/files/${user.id}`), area.path);
}

/** The collection above all users' files: SEARCH and OPTIONS live here. */
export async function handleDavRoot(exchange: Exchange, cloud: Cloud): Promise<Reply> {
  const user = loggedIn(exchange);
  if (exchange.method === 'OPTIONS')
    return optionsReply(davFeatures.user, 'OPTIONS, GET, HEAD, PROPFIND, REPORT, SEARCH');
  if (exchange.method !== 'SEARCH') throw notImplemented(exchange.method);
  return search(exchange, cloud, userView(exchange, cloud, user, `/remote.php/dav/files/${user.id}`));
}

/** Public links: `/public.php/webdav`, and `/public.php/dav/files/{token}` on servers from 29 on. */
export async function handlePublic(exchange: Exchange, cloud: Cloud, area: AreaOf<'public'>): Promise<Reply> {
  if (area.token !== undefined && majorOf(cloud) < 29) return htmlReply(404, '');
  const share = admitted(exchange, area);
  if (cloud.policy.outgoingFederation === false && exchange.header('x-requested-with') !== 'XMLHttpRequest') {
    throw notAuthenticated('Public shares are only for the web interface');
  }
  const writable = (share.permissions & (permissionBits.update | permissionBits.create)) !== 0;
  const hrefBase = exchange.basePath + encodePath(area.hrefBase);
  return handleTree(
    exchange,
    cloud,
    { root: share.node, hrefBase, ownerId: share.ownerId, writable, features: davFeatures.public },
    area.path,
  );
}

/** A direct download link. */
export function handleDirect(exchange: Exchange, cloud: Cloud): Reply {
  const { identity } = exchange;
  const node = identity.kind === 'direct' ? cloud.tree.byId(identity.link.fileId) : undefined;
  if (node?.kind !== 'file') throw notFound('');
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') throw notImplemented(exchange.method);
  return getNode(exchange, node, 'direct');
}

async function handleTree(exchange: Exchange, cloud: Cloud, view: DavView, path: string[]): Promise<Reply> {
  switch (exchange.method) {
    case 'GET':
    case 'HEAD':
      return getNode(exchange, resolve(view, path));
    case 'PROPFIND':
      return propfindOrError(exchange, cloud, view, path);
    case 'OPTIONS':
      return optionsReply(
        view.features,
        'OPTIONS, GET, HEAD, DELETE, PROPFIND, PUT, PROPPATCH, COPY, MOVE, REPORT, PATCH',
      );
    case 'REPORT':
      throw new DavError(
        415,
        'Sabre\\DAV\\Exception\\ReportNotSupported',
        'The {DAV:}sync-collection REPORT is not supported on this url.',
      );
  }
  const handler = writeHandlers[exchange.method];
  if (handler === undefined) throw notImplemented(exchange.method);
  if (!view.writable) throw forbidden();
  return handler({ exchange, cloud, view, path });
}

/** A PROPFIND that finds nothing still carries the headers of a listing (recorded). */
async function propfindOrError(exchange: Exchange, cloud: Cloud, view: DavView, path: string[]): Promise<Reply> {
  try {
    return await propfind(exchange, cloud, view, resolve(view, path));
  } catch (error) {
    if (!(error instanceof DavError)) throw error;
    throw new DavError(error.status, error.exception, error.message, { Vary: 'Brief,Prefer', DAV: view.features });
  }
}

/** Another user's root is a bare folder to everyone else, and nothing is below it. */
async function foreignFiles(exchange: Exchange, cloud: Cloud, area: AreaOf<'files'>): Promise<Reply> {
  const [first] = area.path;
  const userId = area.userId ?? '';
  if (!cloud.accounts.users.has(userId)) throw notFound(`Principal with name ${userId} not found`);
  if (first !== undefined) throw notFound(`File not found: ${first} in '${userId}'`);
  if (exchange.method !== 'PROPFIND') throw forbidden();
  return propfindForeignRoot(exchange, exchange.basePath + encodePath(area.hrefBase));
}

function userView(exchange: Exchange, cloud: Cloud, user: User, hrefBase: string): DavView {
  const root = cloud.tree.rootOf(user.id);
  return {
    root,
    hrefBase: exchange.basePath + encodePath(hrefBase),
    ownerId: user.id,
    writable: true,
    features: davFeatures.user,
  };
}

function optionsReply(features: string, allow: string): Reply {
  return emptyReply(200, { DAV: features, Allow: allow, 'MS-Author-Via': 'DAV', 'Accept-Ranges': 'bytes' });
}

const noBasic =
  "No 'Authorization: Basic' header found. Either the client didn't send one, or the server is misconfigured";
const noBearer =
  "No 'Authorization: Bearer' header found. Either the client didn't send one, or the server is mis-configured";
const wrongPassword = 'Username or password was incorrect';

function loggedIn(exchange: Exchange): User {
  const { identity } = exchange;
  if (identity.kind === 'user') return identity.user;
  if (identity.kind === 'rejected' && identity.reason === 'disabled')
    throw unavailable('OC\\User\\LoginException: User disabled');
  const complaint = identity.kind === 'rejected' ? wrongPassword : noBasic;
  throw notAuthenticated(`No public access to this resource., ${complaint}, ${noBearer}, ${complaint}`);
}

function admitted(exchange: Exchange, area: AreaOf<'public'>): Share {
  const { identity } = exchange;
  if (identity.kind === 'share') return identity.share;
  const withCredentials = identity.kind === 'rejected' && identity.withCredentials;
  if (area.token !== undefined && !withCredentials) throw unavailable('Sabre\\DAV\\Exception\\NotFound: ');
  throw notAuthenticated(withCredentials ? wrongPassword : noBasic);
}
