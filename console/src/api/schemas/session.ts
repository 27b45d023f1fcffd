/** Signing in, and what a person keeps at the server: layout, settings, keys, filters. */
import { z } from 'zod';
import { actions } from '../access-rules.ts';
import { instant } from './scalars.ts';

/** Something that a role may allow. */
export const ActionName = z.enum(actions);

export const SessionInfo = z.object({
  /** No administrator exists yet: the set-up page is shown. */
  setupNeeded: z.boolean(),
  user: z
    .object({
      name: z.string(),
      /** The role that may most; `none` for a person without any, `api-key` for a program. */
      role: z.string(),
      /** What may be done, somewhere at least. */
      may: z.array(ActionName),
      /** Whether all of it may be done in the whole organisation. */
      everywhere: z.boolean(),
    })
    .nullable(),
});
export type SessionInfo = z.infer<typeof SessionInfo>;

export const Password = z.string().min(12, 'at least 12 characters').max(200);
export const SetupRequest = z.strictObject({
  code: z.string().min(1).max(40),
  name: z.string().min(1).max(60),
  password: Password,
});
export const LoginRequest = z.strictObject({
  name: z.string().min(1).max(60),
  password: z.string().min(1).max(200),
  /** Of an authenticator app, or a recovery code; asked for with `api.second_factor`. */
  code: z.string().min(1).max(40).optional(),
});

/** What the server keeps for a person, each as one JSON document of at most 64 KiB. The server does not look inside. */
export const UserStateKey = z.enum(['layout', 'settings', 'keybindings', 'filters']);
export type UserStateKey = z.infer<typeof UserStateKey>;

/** One such document; `value` is null when nothing was stored yet. */
export const UserState = z.object({ key: UserStateKey, value: z.unknown(), updatedAtMs: instant.nullable() });
export type UserState = z.infer<typeof UserState>;
export const UserStateChange = z.strictObject({ value: z.unknown() });
export type UserStateChange = z.infer<typeof UserStateChange>;

/** Settings of the whole server, the same for everybody: one JSON object of at most 64 KiB, by setting. */
export const ServerSettings = z.object({
  settings: z.record(z.string().max(200), z.unknown()),
  updatedAtMs: instant.nullable(),
});
export type ServerSettings = z.infer<typeof ServerSettings>;
export const ServerSettingsChange = z.strictObject({ settings: z.record(z.string().max(200), z.unknown()) });
export type ServerSettingsChange = z.infer<typeof ServerSettingsChange>;
