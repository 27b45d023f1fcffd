import { type Cloud, setUpHome } from '../cloud/cloud.ts';
import { handleDavRoot, handleDirect, handleFiles, handlePublic, handleUploads } from '../dav/endpoints.ts';
import { DavError, davErrorReply } from '../dav/errors.ts';
import { activityRoutes } from '../ocs/activity.ts';
import { capabilityRoutes, versionString } from '../ocs/capabilities.ts';
import { credentialRoutes } from '../ocs/credentials.ts';
import { directRoutes } from '../ocs/direct.ts';
import { OcsError, ocsFailure } from '../ocs/envelope.ts';
import { handleLogin } from '../ocs/login.ts';
import { notificationRoutes } from '../ocs/notifications.ts';
import { handleOAuth } from '../ocs/oauth2.ts';
import { type OcsRoute, routeOcs } from '../ocs/router.ts';
import { shareRoutes } from '../ocs/shares.ts';
import { teamFolderRoutes } from '../ocs/team-folders.ts';
import { userRoutes } from '../ocs/users.ts';
import { speaksDav } from './area.ts';
import type { Exchange } from './exchange.ts';
import type { Fault } from './faults.ts';
import { htmlReply, noCacheHeaders, type Reply } from './reply.ts';

const ocsRoutes: readonly OcsRoute[] = [
  ...capabilityRoutes,
  ...userRoutes,
  ...credentialRoutes,
  ...shareRoutes,
  ...directRoutes,
  ...activityRoutes,
  ...notificationRoutes,
];

/** Answers a request: maintenance mode and brute-force protection first, then the endpoint. */
export async function dispatch(exchange: Exchange, cloud: Cloud): Promise<Reply> {
  if (exchange.area.kind === 'status') return statusReply(cloud);
  if (cloud.maintenance) return maintenanceReply(exchange);
  const { identity, remoteAddress } = exchange;
  if (identity.kind === 'rejected' && identity.reason === 'wrong') cloud.bruteForce.recordFailure(remoteAddress);
  if (identity.kind !== 'anonymous' && cloud.bruteForce.isBlocked(remoteAddress)) return blockedReply(exchange);
  if (identity.kind === 'user' && !identity.user.homeReady) {
    identity.user.homeReady = true;
    setUpHome(cloud, identity.user.id);
  }
  try {
    return await handle(exchange, cloud);
  } catch (error) {
    if (error instanceof DavError) return davErrorReply(error);
    throw error;
  }
}

/** The answer of a `status` fault, in the language of the endpoint. */
export function faultReply(exchange: Exchange, fault: Extract<Fault, { kind: 'status' }>): Reply {
  const retry = fault.retryAfter === undefined ? {} : { 'Retry-After': String(fault.retryAfter) };
  return errorReply(exchange, fault.status, fault.exception ?? 'Sabre\\DAV\\Exception', fault.message ?? '', retry);
}

/** The answer when a handler breaks. */
export function crashReply(exchange: Exchange): Reply {
  return errorReply(exchange, 500, 'Exception', 'The stand-in failed; its log says why', {});
}

async function handle(exchange: Exchange, cloud: Cloud): Promise<Reply> {
  const { area } = exchange;
  switch (area.kind) {
    case 'files':
      return handleFiles(exchange, cloud, area);
    case 'uploads':
      return handleUploads(exchange, cloud, area);
    case 'dav-root':
      return handleDavRoot(exchange, cloud);
    case 'public':
      return handlePublic(exchange, cloud, area);
    case 'direct':
      return handleDirect(exchange, cloud);
    case 'ocs':
      return routeOcs(exchange, cloud, ocsRoutes, area.version, area.route);
    case 'index':
      return routeOcs(exchange, cloud, teamFolderRoutes, 1, area.route);
    case 'login':
      return handleLogin(exchange, cloud, area.route);
    case 'oauth2':
      return handleOAuth(exchange, cloud, area.route);
    default:
      return htmlReply(404, '');
  }
}

function statusReply(cloud: Cloud): Reply {
  const status = {
    installed: true,
    maintenance: cloud.maintenance,
    needsDbUpgrade: false,
    version: cloud.version,
    versionstring: versionString(cloud.version),
    edition: '',
    productname: 'Nextcloud',
    extendedSupport: false,
  };
  const headers = {
    ...noCacheHeaders,
    'Content-Security-Policy': "default-src 'self';",
    'Content-Type': 'application/json',
    'Access-Control-Allow-Origin': '*',
  };
  return { status: 200, headers, body: Buffer.from(JSON.stringify(status)) };
}

function maintenanceReply(exchange: Exchange): Reply {
  const headers = speaksDav(exchange.area)
    ? {}
    : { 'X-Nextcloud-Maintenance-Mode': '1', ...(exchange.area.kind === 'ocs' ? {} : { 'Retry-After': '120' }) };
  const exception = 'OCA\\DAV\\Exception\\ServerMaintenanceMode';
  return errorReply(exchange, 503, exception, 'System is in maintenance mode.', headers);
}

function blockedReply(exchange: Exchange): Reply {
  const exception = 'OCA\\DAV\\Connector\\Sabre\\Exception\\TooManyRequests';
  return errorReply(exchange, 429, exception, 'Reached maximum delay', {});
}

function errorReply(
  exchange: Exchange,
  status: number,
  exception: string,
  message: string,
  headers: Record<string, string>,
): Reply {
  const { area } = exchange;
  if (speaksDav(area)) return davErrorReply(new DavError(status, exception, message, headers));
  if (area.kind === 'ocs') return ocsFailure(exchange, area.version, new OcsError(status, message), headers);
  return htmlReply(status, message, headers);
}
