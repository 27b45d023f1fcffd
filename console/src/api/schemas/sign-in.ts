/** Ways to sign in besides a password: passkeys, and other providers. */
import { z } from 'zod';
import { instant } from './scalars.ts';

/** Bytes in base64url, as WebAuthn writes them. */
const bytes = (max: number) => z.string().max(max);

/** Asked again before something that a stolen session must not do. */
const presence = {
  password: z.string().max(200).optional(),
  code: z.string().min(1).max(40).optional(),
};
export const Presence = z.strictObject(presence);
export type Presence = z.infer<typeof Presence>;

/** A passkey of one's own. */
export const Passkey = z.object({
  id: z.string(),
  name: z.string(),
  createdAtMs: instant,
  lastUsedAtMs: instant.nullable(),
});
export type Passkey = z.infer<typeof Passkey>;

/** Where passkeys work, and why they do not. */
export const PasskeyPlace = z.object({
  /** The address they are bound to; a page of another address can use none. */
  origin: z.string(),
  /** `insecure`: it has no TLS; `no-name`: it is a bare IP address; null: they work there. */
  obstacle: z.enum(['insecure', 'no-name']).nullable(),
});
export type PasskeyPlace = z.infer<typeof PasskeyPlace>;
export const PasskeyList = z.object({ passkeys: z.array(Passkey), place: PasskeyPlace });
export type PasskeyList = z.infer<typeof PasskeyList>;

/** What the browser hands to the device, as `PublicKeyCredential` reads it. */
export const PasskeyOptions = z.object({ options: z.record(z.string(), z.unknown()) });
export type PasskeyOptions = z.infer<typeof PasskeyOptions>;

const credential = { id: bytes(2000), rawId: bytes(2000), type: z.literal('public-key') };

/** What a device made. Further members that browsers send are not looked at. */
export const PasskeyRequest = z.object({
  name: z.string().trim().min(1).max(60),
  credential: z.object({
    ...credential,
    response: z.object({
      clientDataJSON: bytes(10_000),
      attestationObject: bytes(100_000),
      transports: z.array(z.string().max(30)).max(10).optional(),
    }),
  }),
});
export type PasskeyRequest = z.infer<typeof PasskeyRequest>;

/** What a device signed. */
export const PasskeyAnswer = z.object({
  credential: z.object({
    ...credential,
    response: z.object({
      clientDataJSON: bytes(10_000),
      authenticatorData: bytes(10_000),
      signature: bytes(10_000),
      userHandle: bytes(200).nullable().optional(),
    }),
  }),
});
export type PasskeyAnswer = z.infer<typeof PasskeyAnswer>;

const ProviderKind = z.enum(['oidc', 'nextcloud']);
/** Nobody becomes an owner by somebody else's group. */
const AdmitRole = z.enum(['manager', 'helpdesk', 'viewer']);

/** An OpenID Connect provider, or a Nextcloud, that says who people are. */
export const SignInProvider = z.object({
  id: z.string(),
  name: z.string(),
  kind: ProviderKind,
  /** The issuer, or the base address of the Nextcloud. */
  url: z.string(),
  clientId: z.string(),
  caPem: z.string().nullable(),
  enabled: z.boolean(),
  scopes: z.string(),
  groupsClaim: z.string(),
  admitGroup: z.string().nullable(),
  admitRole: AdmitRole.nullable(),
  /** What the provider has to be told of this server: where it sends people back to. */
  returnAddress: z.string(),
});
export type SignInProvider = z.infer<typeof SignInProvider>;
/** `consoleOrigin`: the beginning of every address that people are sent back to. */
export const SignInProviderList = z.object({ providers: z.array(SignInProvider), consoleOrigin: z.string() });
export type SignInProviderList = z.infer<typeof SignInProviderList>;

const providerFields = {
  name: z.string().trim().min(1).max(40),
  kind: ProviderKind,
  url: z.url({ protocol: /^https?$/ }).max(500),
  clientId: z.string().trim().min(1).max(500),
  caPem: z.string().max(20_000).nullable().default(null),
  enabled: z.boolean().default(true),
  scopes: z.string().trim().min(1).max(500).default('openid profile email'),
  groupsClaim: z.string().trim().min(1).max(200).default('groups'),
  /** Both or neither: who is in the group is let in with the role, in the whole organisation. */
  admitGroup: z.string().trim().min(1).max(1000).nullable().default(null),
  admitRole: AdmitRole.nullable().default(null),
};
const clientSecret = z.string().min(1).max(2000);

export const ProviderRequest = z.strictObject({
  /** It stands in the address that the provider sends people back to, and stays. */
  id: z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?$/, 'small letters, digits and hyphens, 30 at most'),
  ...providerFields,
  clientSecret,
});
export type ProviderRequest = z.infer<typeof ProviderRequest>;
/** Without a secret the one there is stays. */
export const ProviderChange = z.strictObject({ ...providerFields, clientSecret: clientSecret.optional() });
export type ProviderChange = z.infer<typeof ProviderChange>;
/** `problem`: what is wrong, in a sentence; null if all is well. */
export const ProviderCheck = z.object({ problem: z.string().nullable() });
export type ProviderCheck = z.infer<typeof ProviderCheck>;

/** How one may sign in besides a password; told to everybody who asks. */
export const SignInWays = z.object({
  passkeys: PasskeyPlace,
  providers: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type SignInWays = z.infer<typeof SignInWays>;

/** `invitation`: for whoever was invited and wants no password. */
export const ProviderStart = z.strictObject({
  provider: z.string().max(100),
  invitation: z.string().min(1).max(200).optional(),
});
export type ProviderStart = z.infer<typeof ProviderStart>;
/** Where the browser is to go. */
export const ProviderDeparture = z.object({ address: z.string() });
export type ProviderDeparture = z.infer<typeof ProviderDeparture>;
/** With what the browser came back, as it stands in the address: `?code=…&state=…`. */
export const ProviderReturn = z.strictObject({ provider: z.string().max(100), query: z.string().max(10_000) });
export type ProviderReturn = z.infer<typeof ProviderReturn>;
export const ProviderArrival = z.object({ kind: z.enum(['signed-in', 'linked']), providerName: z.string() });
export type ProviderArrival = z.infer<typeof ProviderArrival>;

/** An account of one's own at a provider. */
export const LinkedAccount = z.object({
  id: z.string(),
  providerId: z.string(),
  providerName: z.string(),
  label: z.string(),
  createdAtMs: instant,
  lastUsedAtMs: instant.nullable(),
});
export type LinkedAccount = z.infer<typeof LinkedAccount>;
export const LinkedAccountList = z.object({ accounts: z.array(LinkedAccount) });
export type LinkedAccountList = z.infer<typeof LinkedAccountList>;
export const LinkStart = z.strictObject({ provider: z.string().max(100), ...presence });
export type LinkStart = z.infer<typeof LinkStart>;
