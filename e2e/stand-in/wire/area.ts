/** Which part of Nextcloud a request is for. Path segments are decoded and in NFC, as Nextcloud stores every name. */
export type Area =
  | { kind: 'status' }
  | { kind: 'ocs'; version: 1 | 2; route: string[] }
  /** `userId` undefined is the old root `/remote.php/webdav`: whoever is logged in. `hrefBase` is not encoded and has no trailing slash. */
  | { kind: 'files'; userId: string | undefined; path: string[]; hrefBase: string }
  | { kind: 'uploads'; userId: string; path: string[] }
  | { kind: 'dav-root' }
  | { kind: 'direct'; token: string }
  /** `token` undefined: the user name of Basic authentication carries it. */
  | { kind: 'public'; token: string | undefined; path: string[]; hrefBase: string }
  | { kind: 'login'; route: string[] }
  | { kind: 'oauth2'; route: string[] }
  | { kind: 'index'; route: string[] }
  | { kind: 'unknown' };

/** Reads a path without the base path. @throws {URIError} when a segment is not percent-encoded UTF-8. */
export function areaOf(rawPath: string): Area {
  const [script, ...rest] = segmentsOf(rawPath);
  switch (script) {
    case 'status.php':
      return { kind: 'status' };
    case 'ocs':
      return ocsArea(rest);
    case 'remote.php':
      return remoteArea(rest);
    case 'public.php':
      return publicArea(rest);
    case 'index.php':
      return pageArea(rest);
    default:
      return script === undefined ? { kind: 'unknown' } : pageArea([script, ...rest]);
  }
}

/** Non-empty, decoded, NFC segments of a path. */
function segmentsOf(rawPath: string): string[] {
  return rawPath
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => decodeURIComponent(segment).normalize('NFC'));
}

/** Areas whose errors are WebDAV XML. */
export function speaksDav(area: Area): boolean {
  return ['files', 'uploads', 'dav-root', 'direct', 'public'].includes(area.kind);
}

function ocsArea([script, ...route]: string[]): Area {
  if (script !== 'v1.php' && script !== 'v2.php') return { kind: 'unknown' };
  return { kind: 'ocs', version: script === 'v1.php' ? 1 : 2, route };
}

function remoteArea([service, collection, id, ...path]: string[]): Area {
  if (service === 'webdav') {
    const legacyPath = [collection, id, ...path].filter((segment) => segment !== undefined);
    return { kind: 'files', userId: undefined, path: legacyPath, hrefBase: '/remote.php/webdav' };
  }
  if (service === 'direct' && collection !== undefined && id === undefined)
    return { kind: 'direct', token: collection };
  if (service !== 'dav') return { kind: 'unknown' };
  if (collection === 'files' && id !== undefined) {
    return { kind: 'files', userId: id, path, hrefBase: `/remote.php/dav/files/${id}` };
  }
  if (collection === 'uploads' && id !== undefined) return { kind: 'uploads', userId: id, path };
  return collection === undefined ? { kind: 'dav-root' } : { kind: 'unknown' };
}

function publicArea([service, ...rest]: string[]): Area {
  if (service === 'webdav') return { kind: 'public', token: undefined, path: rest, hrefBase: '/public.php/webdav' };
  const [collection, token, ...path] = rest;
  if (service !== 'dav' || collection !== 'files' || token === undefined) return { kind: 'unknown' };
  return { kind: 'public', token, path, hrefBase: `/public.php/dav/files/${token}` };
}

function pageArea(segments: string[]): Area {
  const [first, second, ...route] = segments;
  if (first === 'login' && second === 'v2') return { kind: 'login', route };
  if (first === 'apps' && second === 'oauth2') return { kind: 'oauth2', route };
  return first === 'apps' && second !== undefined ? { kind: 'index', route: [second, ...route] } : { kind: 'unknown' };
}
