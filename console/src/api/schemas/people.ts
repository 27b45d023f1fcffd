/** People with their roles; and what everybody sees of their own access: sessions and API keys. */
import { z } from 'zod';
import { roles } from '../access-rules.ts';
import { instant } from './scalars.ts';
import { ActionName, Password } from './session.ts';

export const RoleName = z.enum(roles);

/** Where something holds: everywhere, or in the offices of these regions and in these offices. */
const scope = {
  everywhere: z.boolean().default(false),
  regions: z.array(z.string().min(1).max(60)).max(1000).default([]),
  officeIds: z.array(z.string().min(1).max(100)).max(10_000).default([]),
};

/** A role and where it holds. */
export const RoleGrant = z.strictObject({ role: RoleName, ...scope });
export type RoleGrant = z.infer<typeof RoleGrant>;

/** A session of one's own. */
export const OpenSession = z.object({
  id: z.string(),
  /** Whether it is the one that asks. */
  current: z.boolean(),
  address: z.string(),
  userAgent: z.string(),
  createdAtMs: instant,
  expiresAtMs: instant,
});
export type OpenSession = z.infer<typeof OpenSession>;
export const SessionList = z.object({ sessions: z.array(OpenSession) });
export type SessionList = z.infer<typeof SessionList>;

export const PasswordChange = z.strictObject({ current: z.string().min(1).max(200), next: Password });
export type PasswordChange = z.infer<typeof PasswordChange>;

/** The second factor: whether it is on, and how many recovery codes are left. `password`: whether there is one to be a second factor to. */
export const TwoFactorState = z.object({ on: z.boolean(), recoveryLeft: z.int(), password: z.boolean() });
export type TwoFactorState = z.infer<typeof TwoFactorState>;
export const TwoFactorStart = z.strictObject({ password: z.string().min(1).max(200) });
export type TwoFactorStart = z.infer<typeof TwoFactorStart>;
/** For an authenticator app: the secret to type, or the address to show as a picture. In this answer and nowhere else. */
export const TwoFactorSecret = z.object({ secret: z.string(), address: z.string() });
export type TwoFactorSecret = z.infer<typeof TwoFactorSecret>;
export const TwoFactorCode = z.strictObject({ code: z.string().min(1).max(40) });
export type TwoFactorCode = z.infer<typeof TwoFactorCode>;
/** Each signs in once when the app is gone. In this answer and nowhere else. */
export const RecoveryCodes = z.object({ recoveryCodes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;
export const TwoFactorEnd = z.strictObject({ password: z.string().min(1).max(200), code: z.string().min(1).max(40) });
export type TwoFactorEnd = z.infer<typeof TwoFactorEnd>;

export const MAX_KEY_SECONDS = 366 * 86_400;

export const KeyRequest = z.strictObject({
  name: z.string().trim().min(1).max(60),
  /** What it may be used for; its owner must be allowed it too, whenever it is used. */
  actions: z.array(ActionName).min(1).max(100),
  ...scope,
  expiresInSeconds: z
    .int()
    .min(60)
    .max(MAX_KEY_SECONDS)
    .default(90 * 86_400),
});
export type KeyRequest = z.infer<typeof KeyRequest>;
export const KeySummary = z.object({
  id: z.string(),
  name: z.string(),
  actions: z.array(ActionName),
  everywhere: z.boolean(),
  regions: z.array(z.string()),
  officeIds: z.array(z.string()),
  createdAtMs: instant,
  expiresAtMs: instant.nullable(),
  lastUsedAtMs: instant.nullable(),
  state: z.enum(['usable', 'expired', 'revoked']),
});
export type KeySummary = z.infer<typeof KeySummary>;
export const KeyList = z.object({ keys: z.array(KeySummary) });
export type KeyList = z.infer<typeof KeyList>;
/** `key` is in this answer and nowhere else. */
export const KeyCreated = z.object({ id: z.string(), name: z.string(), key: z.string(), expiresAtMs: instant });
export type KeyCreated = z.infer<typeof KeyCreated>;

export const PersonRequest = z.strictObject({
  name: z.string().trim().min(1).max(60),
  grants: z.array(RoleGrant).max(100).default([]),
});
export type PersonRequest = z.infer<typeof PersonRequest>;
export const GrantsChange = z.strictObject({ grants: z.array(RoleGrant).max(100) });
export type GrantsChange = z.infer<typeof GrantsChange>;
export const PersonSummary = z.object({
  id: z.string(),
  name: z.string(),
  /** Has a password, or an account elsewhere: can sign in. */
  active: z.boolean(),
  /** When the open invitation ends; null if there is none. */
  invitedUntilMs: instant.nullable(),
  createdAtMs: instant,
  /** Until when a password does not sign them in, because somebody tried too often; null if it does. */
  lockedUntilMs: instant.nullable(),
  sessions: z.int(),
  grants: z.array(RoleGrant),
});
export type PersonSummary = z.infer<typeof PersonSummary>;
export const PersonList = z.object({ people: z.array(PersonSummary) });
export type PersonList = z.infer<typeof PersonList>;
/** `invitation` is in this answer and nowhere else: with it the person chooses a password. */
export const PersonInvited = z.object({ person: PersonSummary, invitation: z.string(), expiresAtMs: instant });
export type PersonInvited = z.infer<typeof PersonInvited>;
export const InvitationAnswer = z.strictObject({ invitation: z.string().min(1).max(200), password: Password });
export type InvitationAnswer = z.infer<typeof InvitationAnswer>;
