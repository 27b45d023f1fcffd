/** Read-only public links, one per folder and office, through the OCS Share API (api.md 5.2). Decisions are pure; `createShares` talks. */
import type { OriginGrant } from '@harp/broker/protocol';
import { HarpError, isHarpError } from '@harp/broker/protocol';
import { z } from 'zod';
import type { Clock, RandomBytes } from '../ports.ts';
import type { SharePolicy } from './capabilities.ts';
import type { NextcloudClient } from './client.ts';
import { ocsData } from './ocs.ts';

const SHARES = '/apps/files_sharing/api/v1/shares';
/** shareType of a public link. */
const LINK = 3;
const READ = 1;
/** update, create, delete */
const ANY_WRITE = 2 | 4 | 8;

/** One share as the OCS API gives it: what Harp looks at. */
export const ShareRecord = z.object({
  id: z.coerce.string().min(1),
  share_type: z.int(),
  uid_owner: z.string(),
  permissions: z.int(),
  label: z.string().nullish(),
  path: z.string(),
  item_type: z.string(),
  token: z.string().nullish(),
  expiration: z.string().nullish(),
  password: z.string().nullish(),
});
export type ShareRecord = z.infer<typeof ShareRecord>;

/** PHP sends `[]` for no shares and a list of one where a single share is asked for. */
export const ShareList = z.array(ShareRecord);

/** Which link is wanted. `path` from the user's root, without leading slash. */
export interface ShareWanted {
  davUser: string;
  path: string;
  /** The office's name: what administrators see in Nextcloud. */
  label: string;
  /** Ids of links that must not be found again, though label and path fit: somebody has them who must not. */
  givenUp: ReadonlySet<string>;
}

/** A link that Harp knows, as its database row says. */
export interface KnownShare {
  id: string;
  password: string | undefined;
}

/** A link ready for agents. */
export interface Share {
  id: string;
  token: string;
  password: string | undefined;
  dialect: OriginGrant['dialect'];
}

export interface Shares {
  /**
   * The link for `wanted`: the known one if it still serves, else one of ours with this label and path that was not given up, else a new one.
   * Renews an expiry.
   *
   * @throws {HarpError} `origin.forbidden` if the rules of the server do not allow it, `origin.not_found` if the folder is not there.
   */
  ensure(wanted: ShareWanted, known: KnownShare | undefined, signal?: AbortSignal): Promise<Share>;
  /** Deletes a link. Gone already is fine. */
  remove(id: string, signal?: AbortSignal): Promise<void>;
}

/** Whether `share` is a link that only reads. The server adds the share bit (17 for 1), so bits are checked, never equality. */
export function isReadOnlyLink(share: ShareRecord): boolean {
  return share.share_type === LINK && (share.permissions & READ) !== 0 && (share.permissions & ANY_WRITE) === 0;
}

/** The share to use of those a path has: the known one, else one of ours with the label that was not given up. */
export function chooseShare(
  shares: readonly ShareRecord[],
  wanted: ShareWanted,
  known: KnownShare | undefined,
): ShareRecord | undefined {
  const usable = shares.filter(
    (share) =>
      isReadOnlyLink(share) &&
      share.uid_owner === wanted.davUser &&
      share.item_type === 'folder' &&
      share.path === `/${wanted.path}` &&
      (share.token ?? '') !== '',
  );
  return (
    usable.find(({ id }) => id === known?.id) ??
    usable.find(({ id, label }) => label === wanted.label && !wanted.givenUp.has(id))
  );
}

/** The day (`YYYY-MM-DD`) a link should end so that it lives as long as the rules permit; undefined when they want no end. */
export function wantedExpiry(policy: SharePolicy, nowMs: number): string | undefined {
  if (policy.expiresWithinDays === null) return undefined;
  return new Date(nowMs + policy.expiresWithinDays * DAY_MS).toISOString().slice(0, 10);
}

/** Whether a link must be given a later end: less than half of what is permitted is left. */
export function needsRenewal(expiration: string | null | undefined, policy: SharePolicy, nowMs: number): boolean {
  if (expiration === null || expiration === undefined || expiration === '') return policy.expiresWithinDays !== null;
  const endMs = Date.parse(`${expiration.slice(0, 10)}T00:00:00Z`);
  if (policy.expiresWithinDays === null) return Number.isNaN(endMs) || endMs - nowMs < OPTIONAL_EXPIRY_LEFT_MS;
  return Number.isNaN(endMs) || endMs - nowMs < (policy.expiresWithinDays * DAY_MS) / 2;
}

const DAY_MS = 86_400_000;
/** A link somebody gave an end without being made to loses it when it comes within a week. */
const OPTIONAL_EXPIRY_LEFT_MS = 7 * DAY_MS;

/** A password of 32 characters from four classes, 144 random bits: passes the password_policy app's usual rules. */
export function sharePassword(random: RandomBytes): string {
  const body = Buffer.from(random(18)).toString('base64url').replaceAll('-', 'm').replaceAll('_', 'u');
  return `Hx7-${body}-q9K`;
}

export function createShares(deps: {
  client: Pick<NextcloudClient, 'ocs' | 'capabilities' | 'answersPublicDav'>;
  clock: Pick<Clock, 'nowMs'>;
  random: RandomBytes;
}): Shares {
  const { client, clock, random } = deps;

  const listOf = async (path: string, signal?: AbortSignal): Promise<ShareRecord[]> => {
    const answer = await client.ocs({ method: 'GET', path: SHARES, fields: { path: `/${path}` }, signal });
    return ocsData(answer, ShareList, 'listing shares');
  };

  const update = async (id: string, fields: Record<string, string>, signal?: AbortSignal): Promise<void> => {
    const path = `${SHARES}/${encodeURIComponent(id)}`;
    ocsData(await client.ocs({ method: 'PUT', path, fields, signal }), z.unknown(), 'changing a share');
  };

  const remove: Shares['remove'] = async (id, signal) => {
    const path = `${SHARES}/${encodeURIComponent(id)}`;
    try {
      ocsData(await client.ocs({ method: 'DELETE', path, signal }), z.unknown(), 'deleting a share');
    } catch (error) {
      if (!isHarpError(error, 'origin.not_found')) throw error;
    }
  };

  const create = async (wanted: ShareWanted, policy: SharePolicy, signal?: AbortSignal) => {
    const password = policy.passwordEnforced ? sharePassword(random) : undefined;
    const expireDate = wantedExpiry(policy, clock.nowMs());
    const fields = {
      path: `/${wanted.path}`,
      shareType: String(LINK),
      permissions: String(READ),
      label: wanted.label,
      ...(password === undefined ? {} : { password }),
      ...(expireDate === undefined ? {} : { expireDate }),
    };
    const share = ocsData(
      await client.ocs({ method: 'POST', path: SHARES, fields, signal }),
      ShareRecord,
      'creating a share',
    );
    if (!isReadOnlyLink(share)) {
      await remove(share.id, signal);
      throw new HarpError('origin.forbidden', 'Nextcloud made a share that can be written to; Harp deleted it', {
        facts: { permissions: share.permissions },
      });
    }
    return { share, password };
  };

  /** An existing link, brought in line with the rules. Its password cannot be read, so an unknown one is replaced. */
  const adopt = async (
    share: ShareRecord,
    known: KnownShare | undefined,
    policy: SharePolicy,
    signal?: AbortSignal,
  ) => {
    let password = share.id === known?.id ? known.password : undefined;
    const isProtected = (share.password ?? '') !== '';
    if ((isProtected || policy.passwordEnforced) && !(isProtected && password !== undefined)) {
      password = sharePassword(random);
      await update(share.id, { password }, signal);
    }
    if (!isProtected && !policy.passwordEnforced) password = undefined;
    if (needsRenewal(share.expiration, policy, clock.nowMs())) {
      await update(share.id, { expireDate: wantedExpiry(policy, clock.nowMs()) ?? '' }, signal);
    }
    return { share, password };
  };

  return {
    remove,
    async ensure(wanted, known, signal) {
      const { major, sharing } = await client.capabilities(signal);
      if (!sharing.allowed)
        throw new HarpError('origin.forbidden', 'Nextcloud does not allow this account public links');
      const existing = chooseShare(await listOf(wanted.path, signal), wanted, known);
      const { share, password } =
        existing === undefined ? await create(wanted, sharing, signal) : await adopt(existing, known, sharing, signal);
      const token = share.token ?? '';
      if (token === '') throw new HarpError('origin.unexpected', 'Nextcloud made a public link without a token');
      const newDav = major >= 29 && (await client.answersPublicDav(token, password, signal));
      return { id: share.id, token, password, dialect: newDav ? 'public-dav' : 'public-webdav' };
    },
  };
}
