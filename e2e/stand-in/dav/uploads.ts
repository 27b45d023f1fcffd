import type { Cloud } from '../cloud/cloud.ts';
import { type Content, contentDigest } from '../cloud/content.ts';
import type { Upload } from '../cloud/uploads.ts';
import type { Exchange } from '../wire/exchange.ts';
import { emptyReply, type Reply } from '../wire/reply.ts';
import { badRequest, conflict, fileNotFound, methodNotAllowed, notImplemented, preconditionFailed } from './errors.ts';
import { checkIfHeader } from './preconditions.ts';
import { fileIdHeader, multiStatus, propstat } from './properties.ts';
import { multiStatusReply } from './propfind.ts';
import { type DavView, davFeatures, encodePath, lookUp } from './view.ts';
import { destinationIn, hashAlgorithmIn, mtimeHeader, pathBelowView, refuseOverwrite, writeFacts } from './write.ts';

/** Chunked upload in the upload folder of the user whose files `view` shows (api.md 4.6). */
export async function handleUpload(
  exchange: Exchange,
  cloud: Cloud,
  view: DavView,
  path: readonly string[],
): Promise<Reply> {
  const [id, name] = path;
  if (id === undefined || path.length > 2) throw fileNotFound('', path.join('/'));
  if (exchange.method === 'MKCOL') {
    if (cloud.uploads.begin(view.ownerId, id)) return emptyReply(201);
    throw methodNotAllowed('The resource you tried to create already exists', 'OPTIONS, DELETE, PROPFIND, PUT, MOVE');
  }
  const upload = cloud.uploads.find(view.ownerId, id);
  if (upload === undefined) throw fileNotFound('', id);
  if (exchange.method === 'PUT' && name !== undefined) {
    const created = await cloud.uploads.putChunk(upload, name, await cloud.store.write(exchange.request));
    return emptyReply(created ? 201 : 204);
  }
  if (exchange.method === 'MOVE' && name === '.file') return assemble(exchange, cloud, view, id, upload);
  if (exchange.method === 'PROPFIND' && name === undefined) return listChunks(exchange, view.ownerId, id, upload);
  if (exchange.method === 'DELETE' && name === undefined) {
    await cloud.uploads.abort(view.ownerId, id, upload);
    return emptyReply(204);
  }
  throw notImplemented(exchange.method);
}

async function assemble(exchange: Exchange, cloud: Cloud, view: DavView, id: string, upload: Upload): Promise<Reply> {
  const { parent, name } = destinationIn(exchange, cloud, view);
  const target = parent.children.get(name);
  if (exchange.header('if-match') !== undefined) {
    throw preconditionFailed('If-Match', 'An If-Match header was specified, but none of the specified ETags matched.');
  }
  checkIfHeader(exchange.header('if'), (url) => {
    const guarded = pathBelowView(exchange, url);
    const node = guarded && lookUp(view, guarded);
    return node && `"${node.etag}"`;
  });
  refuseOverwrite(exchange, target);
  if (target?.kind === 'folder') throw conflict('The destination is a folder');
  checkTotal(exchange.header('oc-total-length'), upload);

  const content = cloud.uploads.finish(view.ownerId, id, upload);
  content.retain();
  const { file, created } = cloud.tree.writeFile(parent, name, content, writeFacts(exchange));
  const etag = `"${file.etag}"`;
  try {
    const hash = await hashHeader(exchange, content);
    const headers = {
      ...mtimeHeader(exchange),
      ...hash,
      'OC-ETag': etag,
      ETag: etag,
      'OC-FileId': fileIdHeader(cloud, file),
    };
    return emptyReply(created ? 201 : 204, headers);
  } finally {
    await content.release();
  }
}

async function hashHeader(exchange: Exchange, content: Content): Promise<Record<string, string>> {
  const algorithm = hashAlgorithmIn(exchange);
  return algorithm === undefined
    ? {}
    : { [`X-Hash-${algorithm.toUpperCase()}`]: await contentDigest(algorithm, content) };
}

function checkTotal(announced: string | undefined, upload: Upload): void {
  const actual = [...upload.chunks.values()].reduce((sum, chunk) => sum + chunk.sizeBytes, 0);
  if (announced === undefined || Number(announced) === actual) return;
  throw badRequest(`Chunks on server do not sum up to ${announced} but to ${actual} bytes`);
}

/** What a client that resumes looks at: chunk names and sizes. */
function listChunks(exchange: Exchange, userId: string, id: string, upload: Upload): Reply {
  const folder = `${exchange.basePath}/remote.php/dav/uploads${encodePath(`/${userId}/${id}`)}`;
  const chunks = [...upload.chunks].map(([name, content]) => {
    const properties = [`<d:getcontentlength>${content.sizeBytes}</d:getcontentlength>`, '<d:resourcetype/>'];
    return `<d:response><d:href>${folder}${encodePath(`/${name}`)}</d:href>${propstat(properties, '200 OK')}</d:response>`;
  });
  const self = `<d:response><d:href>${folder}/</d:href>${propstat(['<d:resourcetype><d:collection/></d:resourcetype>'], '200 OK')}</d:response>`;
  return multiStatusReply(
    exchange,
    multiStatus([self, ...(exchange.header('depth') === '0' ? [] : chunks)]),
    davFeatures.user,
  );
}
