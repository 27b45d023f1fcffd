/** Where a file of a public share is read, and with which headers. See docs of Nextcloud: public.php/webdav (27+), public.php/dav/files (29+). */
import { createHash } from 'node:crypto';
import type { EntryPath, OriginGrant } from '@harp/broker/protocol';

/** The URL of the file at `path` below the share's root; every name is percent-encoded, a base path of the server is kept. */
export function shareUrl(grant: OriginGrant, path: EntryPath): URL {
  const base = grant.url.replace(/\/+$/, '');
  const root =
    grant.dialect === 'public-webdav'
      ? `${base}/public.php/webdav`
      : `${base}/public.php/dav/files/${encodeURIComponent(grant.token)}`;
  return new URL(`${root}/${path.split('/').map(encodeURIComponent).join('/')}`);
}

/**
 * The headers of every request. Without `X-Requested-With` servers that have outgoing federation switched off answer 401, which counts as a failed
 * login of the whole office; a compressed body could not be counted against its range.
 */
export function shareHeaders(grant: OriginGrant, version: string): Record<string, string> {
  const user =
    grant.dialect === 'public-webdav'
      ? `${grant.token}:${grant.password ?? ''}`
      : grant.password === undefined
        ? undefined
        : `anonymous:${grant.password}`;
  return {
    'user-agent': `HarpAgent/${version}`,
    'x-requested-with': 'XMLHttpRequest',
    'accept-encoding': 'identity',
    ...(user === undefined ? {} : { authorization: `Basic ${Buffer.from(user, 'utf8').toString('base64')}` }),
  };
}

/** Names a grant in logs and between peers without telling its secret: 16 hexadecimal digits. */
export function grantFingerprint(grant: OriginGrant): string {
  const parts = [grant.url, grant.dialect, grant.token, grant.password ?? ''];
  return createHash('sha256')
    .update(`harp/grant/v1\n${JSON.stringify(parts)}`)
    .digest('hex')
    .slice(0, 16);
}
