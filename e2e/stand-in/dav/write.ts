import { createHash } from 'node:crypto';
import { type Cloud, majorOf } from '../cloud/cloud.ts';
import { contentDigest } from '../cloud/content.ts';
import { type FolderNode, isWithin, type TreeNode } from '../cloud/nodes.ts';
import type { WriteFacts } from '../cloud/tree.ts';
import { areaOf } from '../wire/area.ts';
import type { Exchange } from '../wire/exchange.ts';
import { emptyReply, type Reply } from '../wire/reply.ts';
import { badRequest, conflict, DavError, forbidden, methodNotAllowed, preconditionFailed } from './errors.ts';
import { checkName } from './names.ts';
import { checkPreconditions } from './preconditions.ts';
import { emptyElement, fileIdHeader, multiStatus, propstat } from './properties.ts';
import { multiStatusReply } from './propfind.ts';
import { readXml } from './request-xml.ts';
import { type DavView, hrefOf, lookUp, resolve } from './view.ts';
import { child } from './xml.ts';

const allowOnFolders = 'OPTIONS, GET, HEAD, DELETE, PROPFIND, PUT, PROPPATCH, COPY, MOVE, REPORT';
const hashAlgorithms: ReadonlySet<string> = new Set(['md5', 'sha1', 'sha256']);

/** What the write handlers work on. */
export interface WriteContext {
  readonly exchange: Exchange;
  readonly cloud: Cloud;
  readonly view: DavView;
  readonly path: readonly string[];
}

/** PUT: streams the body into the store, then swaps it in. Conditions are checked before and, because others write too, after. */
export async function put(context: WriteContext): Promise<Reply> {
  const { exchange, cloud, view, path } = context;
  const name = path.at(-1);
  if (name === undefined) throw conflict('PUT is not allowed on non-files.');
  if (exchange.header('content-range') !== undefined) throw badRequest('Content-Range on PUT requests are forbidden.');
  const place = () => {
    const parent = resolve(view, path.slice(0, -1));
    if (parent.kind !== 'folder') throw conflict('Files can only be created as children of collections');
    const existing = parent.children.get(name);
    checkPreconditions(exchange, existing);
    if (existing?.kind === 'folder') throw conflict('PUT is not allowed on non-files.');
    return parent;
  };
  place();
  checkName(name, majorOf(cloud));

  const algorithm = hashAlgorithmIn(exchange);
  const hash = algorithm === undefined ? undefined : createHash(algorithm);
  const content = await cloud.store.write(
    hash === undefined ? exchange.request : teed(exchange.request, (piece) => hash.update(piece)),
  );
  let parent: FolderNode;
  try {
    parent = place();
  } catch (error) {
    await content.release();
    throw error;
  }
  const { file, created } = cloud.tree.writeFile(parent, name, content, writeFacts(exchange));
  return emptyReply(created ? 201 : 204, {
    ...mtimeHeader(exchange),
    ...(hash && algorithm ? { [`X-Hash-${algorithm.toUpperCase()}`]: hash.digest('hex') } : {}),
    'OC-FileId': fileIdHeader(cloud, file),
    ETag: `"${file.etag}"`,
    'OC-ETag': `"${file.etag}"`,
  });
}

export function mkcol({ cloud, view, path }: WriteContext): Reply {
  const name = path.at(-1);
  const parent = lookUp(view, path.slice(0, -1));
  if (parent === undefined) throw conflict('Parent node does not exist');
  if (parent.kind !== 'folder') throw conflict('Parent node is not a collection');
  if (name === undefined || parent.children.has(name)) {
    throw methodNotAllowed('The resource you tried to create already exists', allowOnFolders);
  }
  checkName(name, majorOf(cloud));
  return emptyReply(201, { 'OC-FileId': fileIdHeader(cloud, cloud.tree.createFolder(parent, name)) });
}

export function remove({ exchange, cloud, view, path }: WriteContext): Reply {
  const node = resolve(view, path);
  checkPreconditions(exchange, node);
  if (node === view.root) throw forbidden();
  cloud.tree.remove(node);
  return emptyReply(204);
}

/** MOVE and COPY within one view. */
export function relocate({ exchange, cloud, view, path }: WriteContext): Reply {
  const node = resolve(view, path);
  checkPreconditions(exchange, node);
  const { parent, name } = destinationIn(exchange, cloud, view);
  const target = parent.children.get(name);
  if (target === node) throw forbidden('Source and destination uri are identical.');
  if (node === view.root) throw forbidden();
  if (isWithin(parent, node)) throw conflict('The destination may not be part of the same subtree as the source path.');
  if (target !== undefined && isWithin(node, target)) throw forbidden('The destination contains the source.');
  refuseOverwrite(exchange, target);
  const { node: result, replaced } =
    exchange.method === 'COPY' ? cloud.tree.copy(node, parent, name) : { node, ...cloud.tree.move(node, parent, name) };
  const etag = `"${result.etag}"`;
  return emptyReply(replaced ? 204 : 201, { 'OC-ETag': etag, ETag: etag, 'OC-FileId': fileIdHeader(cloud, result) });
}

/** PATCH with `X-Recalculate-Hash`: replaces the stored checksums by one computed from the bytes. */
export async function patchHash({ exchange, view, path }: WriteContext): Promise<Reply> {
  const file = resolve(view, path);
  const algorithm = exchange.header('x-recalculate-hash')?.toLowerCase();
  if (file.kind !== 'file' || algorithm === undefined || !hashAlgorithms.has(algorithm)) {
    throw badRequest('X-Recalculate-Hash must be md5, sha1 or sha256, on a file');
  }
  file.checksums = `${algorithm.toUpperCase()}:${await contentDigest(algorithm, file.content)}`;
  return emptyReply(204, { 'OC-Checksum': file.checksums });
}

/** PROPPATCH: `d:lastmodified` is the one property that can be set. */
export async function proppatch({ exchange, cloud, view, path }: WriteContext): Promise<Reply> {
  const node = resolve(view, path);
  const root = await readXml(exchange);
  const set = root && child(root, 'set');
  const asked = (set && child(set, 'prop'))?.children ?? [];
  const parts = asked.map((property) => {
    const accepted = property.name === 'lastmodified' && /^\d+$/.test(property.text);
    if (accepted) cloud.tree.setMtime(node, Number(property.text));
    return propstat([emptyElement(property)], accepted ? '200 OK' : '403 Forbidden');
  });
  const response = `<d:response><d:href>${hrefOf(view, node)}</d:href>${parts.join('')}</d:response>`;
  return multiStatusReply(exchange, multiStatus([response]), view.features);
}

/** Where `Destination` (absolute URL or path) points. @throws {DavError} 400, 409, 502. */
export function destinationIn(exchange: Exchange, cloud: Cloud, view: DavView): { parent: FolderNode; name: string } {
  const header = exchange.header('destination');
  if (header === undefined) throw badRequest('The destination header was not supplied');
  const path = pathBelowView(exchange, header);
  const name = path?.at(-1);
  if (path === undefined || name === undefined) {
    throw new DavError(
      502,
      'Sabre\\DAV\\Exception\\BadGateway',
      'Destination uri is out of the base uri of this server',
    );
  }
  checkName(name, majorOf(cloud));
  const parent = lookUp(view, path.slice(0, -1));
  if (parent?.kind !== 'folder') throw conflict('The destination node is not found');
  return { parent, name };
}

/** Segments below the exchange's view of a URL or path that a client sent; undefined when it points elsewhere. */
export function pathBelowView(exchange: Exchange, url: string): string[] | undefined {
  const { pathname } = new URL(url, exchange.baseUrl);
  if (!pathname.startsWith(`${exchange.basePath}/`)) return undefined;
  const area = areaOf(pathname.slice(exchange.basePath.length));
  return area.kind === 'files' || area.kind === 'public' ? area.path : undefined;
}

/** @throws {DavError} 412 when `Overwrite: F` and there is something. */
export function refuseOverwrite(exchange: Exchange, target: TreeNode | undefined): void {
  if (target === undefined || exchange.header('overwrite')?.toUpperCase() !== 'F') return;
  throw preconditionFailed(
    'Overwrite',
    'The destination node already exists, and the overwrite header is set to false',
  );
}

/** mtime and checksums a client sent along with the bytes. */
export function writeFacts(exchange: Exchange): WriteFacts {
  const mtime = exchange.header('x-oc-mtime');
  return {
    mtimeSeconds: mtime !== undefined && /^\d+$/.test(mtime) ? Number(mtime) : undefined,
    checksums: exchange.header('oc-checksum'),
  };
}

/** `X-OC-MTime: accepted` when one was sent. */
export function mtimeHeader(exchange: Exchange): Record<string, string> {
  return exchange.header('x-oc-mtime') === undefined ? {} : { 'X-OC-MTime': 'accepted' };
}

/** The digest a client wants back by `X-Hash`, if it is one that Nextcloud has. */
export function hashAlgorithmIn(exchange: Exchange): string | undefined {
  const wanted = exchange.header('x-hash')?.toLowerCase();
  return wanted !== undefined && hashAlgorithms.has(wanted) ? wanted : undefined;
}

async function* teed(source: AsyncIterable<Uint8Array>, see: (piece: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    see(piece);
    yield piece;
  }
}
