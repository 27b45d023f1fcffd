import type { User, Verdict } from '../cloud/accounts.ts';
import type { Cloud } from '../cloud/cloud.ts';
import type { DirectLink } from '../cloud/direct-links.ts';
import { pathOf } from '../cloud/nodes.ts';
import type { Share } from '../cloud/shares.ts';
import type { Area } from './area.ts';

/** Who sends a request, judged once per request. Handlers decide what that identity may do. */
export type Identity =
  | { kind: 'anonymous' }
  /** `appPassword` is the secret in use, undefined with the login password. */
  | { kind: 'user'; user: User; appPassword: string | undefined }
  | { kind: 'share'; share: Share }
  | { kind: 'direct'; link: DirectLink }
  | { kind: 'rejected'; reason: 'wrong' | 'disabled'; withCredentials: boolean };

interface Credentials {
  readonly scheme: 'basic' | 'bearer';
  readonly name: string;
  readonly secret: string;
}

/** Judges the credentials of a request for `area`. Does not count failures. */
export function identify(cloud: Cloud, area: Area, authorization: string | undefined): Identity {
  const credentials = credentialsIn(authorization);
  if (area.kind === 'direct') {
    const link = cloud.directLinks.live(area.token);
    return link === undefined ? { kind: 'rejected', reason: 'wrong', withCredentials: true } : { kind: 'direct', link };
  }
  if (area.kind === 'public') return identifyShare(cloud, area.token, credentials);
  // What clients of OAuth2 send are no login and password.
  if (credentials === undefined || area.kind === 'oauth2') return { kind: 'anonymous' };
  const { accounts } = cloud;
  return fromVerdict(
    credentials.scheme === 'bearer'
      ? accounts.verifyBearer(credentials.secret)
      : accounts.verify(credentials.name, credentials.secret),
  );
}

/** Where in its owner's tree a request points, for rules and statistics; undefined when it is not about a file. */
export function ownerPathOf(cloud: Cloud, area: Area, identity: Identity): string | undefined {
  if (area.kind === 'files') return `/${area.path.join('/')}`;
  if (area.kind === 'public' && identity.kind === 'share')
    return [pathOf(identity.share.node), ...area.path].join('/').replace('//', '/');
  if (identity.kind !== 'direct') return undefined;
  const node = cloud.tree.byId(identity.link.fileId);
  return node && pathOf(node);
}

function identifyShare(cloud: Cloud, tokenInPath: string | undefined, credentials: Credentials | undefined): Identity {
  const token = tokenInPath ?? credentials?.name;
  if (token === undefined) return { kind: 'anonymous' };
  const share = cloud.shares.live(token);
  const ownerActive = cloud.accounts.users.get(share?.ownerId ?? '')?.enabled === true;
  const passwordFits = share?.password === undefined || share.password === credentials?.secret;
  if (share !== undefined && ownerActive && passwordFits) return { kind: 'share', share };
  return { kind: 'rejected', reason: 'wrong', withCredentials: credentials !== undefined };
}

function fromVerdict(verdict: Verdict): Identity {
  if (verdict.kind === 'ok') return { kind: 'user', user: verdict.user, appPassword: verdict.appPassword };
  return { kind: 'rejected', reason: verdict.kind, withCredentials: true };
}

function credentialsIn(authorization: string | undefined): Credentials | undefined {
  const [, scheme, value] = /^(Basic|Bearer)\s+(.+)$/i.exec(authorization ?? '') ?? [];
  if (scheme === undefined || value === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return { scheme: 'bearer', name: '', secret: value };
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : { scheme: 'basic', name: pair.slice(0, colon), secret: pair.slice(colon + 1) };
}
