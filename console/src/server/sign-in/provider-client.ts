/** One sign-in at a provider, by openid-client: OpenID Connect with everything it can check, or the OAuth2 of a Nextcloud, which says who it is in its own API. */
import { HarpError, isHarpError } from '@harp/broker/protocol';
import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientError,
  ClientSecretBasic,
  Configuration,
  calculatePKCECodeChallenge,
  clockTolerance,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchProtectedResource,
  fetchUserInfo,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { z } from 'zod';
import { openProvider, type ProviderHttp } from './provider-http.ts';

/** A provider with its secret open. */
export interface Provider {
  id: string;
  name: string;
  kind: 'oidc' | 'nextcloud';
  url: string;
  clientId: string;
  clientSecret: string;
  caPem: string | null;
  scopes: string;
  groupsClaim: string;
}

/** What must be known when the browser comes back. */
export interface Begun {
  state: string;
  verifier: string;
  nonce: string;
}

/** Who somebody is at a provider. */
export interface Account {
  /** Never given to anybody else. */
  subject: string;
  /** What people call it. */
  label: string;
  groups: readonly string[];
}

/** Clocks of servers are this many seconds off at most. */
const CLOCK_SECONDS = 60;
const MAX_LABEL = 60;
/** Claims are somebody else's text. */
const text = z.string().min(1).max(1000);
const Groups = z.union([
  z.array(z.string().max(1000)).max(10_000),
  z
    .string()
    .max(1000)
    .transform((one) => [one]),
]);
const NextcloudUser = z.object({
  ocs: z.object({
    data: z.object({
      id: text,
      displayname: z.string().max(1000).nullish(),
      groups: z.array(z.string().max(1000)).max(10_000).default([]),
      enabled: z.boolean().default(true),
    }),
  }),
});
const NextcloudStatus = z.object({ installed: z.literal(true) });

/** The page to which the provider sends people back. Each has its own, so that one cannot pass another's answers off as its own. */
export function returnAddress(consoleOrigin: string, providerId: string): string {
  return `${consoleOrigin}/sign-in/back/${providerId}`;
}

/** Where the browser is to go, and what must be known when it comes back. @throws {HarpError} `provider.unreachable`, `provider.refused` */
export async function beginAtProvider(
  provider: Provider,
  consoleOrigin: string,
): Promise<{ address: string; begun: Begun }> {
  return withProvider(provider, async (config) => {
    const begun = { state: randomState(), verifier: randomPKCECodeVerifier(), nonce: randomNonce() };
    const address = buildAuthorizationUrl(config, {
      redirect_uri: returnAddress(consoleOrigin, provider.id),
      state: begun.state,
      code_challenge: await calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
      ...(provider.kind === 'oidc' ? { scope: provider.scopes, nonce: begun.nonce } : {}),
    });
    if (address.origin !== new URL(provider.url).origin)
      throw refused(
        provider,
        `it sends people to ${address.origin}, which is another place than the one that was configured`,
      );
    return { address: address.href, begun };
  });
}

/** Who came back, by the query with which they did. @throws {HarpError} `provider.unreachable`, `provider.refused` */
export async function finishAtProvider(
  provider: Provider,
  consoleOrigin: string,
  query: URLSearchParams,
  begun: Begun,
): Promise<Account> {
  const here = new URL(returnAddress(consoleOrigin, provider.id));
  here.search = query.toString();
  return withProvider(provider, async (config) => {
    const isOidc = provider.kind === 'oidc';
    const tokens = await authorizationCodeGrant(config, here, {
      expectedState: begun.state,
      pkceCodeVerifier: begun.verifier,
      ...(isOidc ? { expectedNonce: begun.nonce, idTokenExpected: true } : {}),
    });
    if (!isOidc) return nextcloudAccount(provider, config, tokens.access_token);
    const claims = tokens.claims();
    if (claims === undefined) throw refused(provider, 'it did not say who you are');
    const known: Record<string, unknown> =
      claims[provider.groupsClaim] === undefined && config.serverMetadata().userinfo_endpoint !== undefined
        ? { ...claims, ...(await fetchUserInfo(config, tokens.access_token, claims.sub)) }
        : claims;
    return {
      subject: text.parse(claims.sub),
      label: labelOf([known.name, known.preferred_username, known.email, claims.sub]),
      groups: Groups.safeParse(known[provider.groupsClaim]).data ?? [],
    };
  });
}

/** Whether the provider answers and is what it was entered as. @throws {HarpError} `provider.unreachable`, `provider.refused` */
export async function checkProvider(provider: Provider): Promise<void> {
  await withProvider(provider, async (_config, http) => {
    if (provider.kind === 'oidc') return;
    const answer = await http.fetch(`${baseOf(provider)}/status.php`, {
      method: 'GET',
      headers: {},
      body: undefined,
      redirect: 'manual',
    });
    if (!NextcloudStatus.safeParse(await answer.json().catch(() => undefined)).success)
      throw refused(provider, 'there is no Nextcloud at its address');
  });
}

async function nextcloudAccount(provider: Provider, config: Configuration, token: string): Promise<Account> {
  const address = new URL(`${baseOf(provider)}/ocs/v2.php/cloud/user?format=json`);
  const headers = new Headers({ 'OCS-APIRequest': 'true', accept: 'application/json' });
  const answer = await fetchProtectedResource(config, token, address, 'GET', undefined, headers);
  const found = NextcloudUser.safeParse(await answer.json().catch(() => undefined));
  if (answer.status !== 200 || !found.success)
    throw refused(provider, `it did not say who you are (status ${answer.status})`);
  const { id, displayname, groups, enabled } = found.data.ocs.data;
  if (!enabled) throw refused(provider, 'your account there is disabled');
  return { subject: id, label: labelOf([displayname, id]), groups };
}

async function withProvider<T>(
  provider: Provider,
  run: (config: Configuration, http: ProviderHttp) => Promise<T>,
): Promise<T> {
  await using http = openProvider(provider);
  try {
    return await run(await configurationOf(provider, http), http);
  } catch (error) {
    throw known(provider, error);
  }
}

async function configurationOf(provider: Provider, http: ProviderHttp): Promise<Configuration> {
  const { kind, url, clientId, clientSecret } = provider;
  const metadata = { client_secret: clientSecret, [clockTolerance]: CLOCK_SECONDS };
  // Without TLS on the same machine only; the form says so of anything else.
  const plain = isPlain(url) ? [allowInsecureRequests] : [];
  if (kind === 'oidc') {
    const execute = [...plain, enableNonRepudiationChecks];
    return discovery(new URL(url), clientId, metadata, undefined, { [customFetch]: http.fetch, execute });
  }
  const base = baseOf(provider);
  const config = new Configuration(
    {
      issuer: base,
      authorization_endpoint: `${base}/index.php/apps/oauth2/authorize`,
      token_endpoint: `${base}/index.php/apps/oauth2/api/v1/token`,
    },
    clientId,
    metadata,
    ClientSecretBasic(clientSecret),
  );
  config[customFetch] = http.fetch;
  for (const apply of plain) apply(config);
  return config;
}

/** Whether an address is one of this machine without TLS, the only ones that may be. */
export function isPlain(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function baseOf({ url }: Provider): string {
  return url.replace(/\/+$/, '');
}

/** The first of these that people can read. */
function labelOf(candidates: readonly unknown[]): string {
  for (const candidate of candidates) {
    if (typeof candidate !== 'string') continue;
    const readable = candidate
      .normalize('NFC')
      .replaceAll(/[\p{C}\s]+/gu, ' ')
      .trim();
    const short = [...readable].slice(0, MAX_LABEL).join('').trim();
    if (short !== '') return short;
  }
  return '—';
}

/** What went wrong, and what helps. */
function known(provider: Provider, error: unknown): HarpError {
  const inner = error instanceof ClientError ? error.cause : undefined;
  if (isHarpError(error)) return error;
  if (isHarpError(inner)) return inner;
  if (error instanceof AuthorizationResponseError)
    return error.error === 'access_denied'
      ? refused(provider, 'the sign-in was cancelled there', error)
      : refused(provider, `it says ${quoted(error.error)}`, error);
  if (error instanceof ResponseBodyError) {
    if (error.error === 'invalid_client' || error.status === 401)
      return refused(
        provider,
        'it does not accept the client id or secret of this server: an owner has to enter them anew',
        error,
      );
    return refused(provider, `it says ${quoted(error.error)}: begin again`, error);
  }
  const why = error instanceof Error ? error.message : 'unknown';
  return refused(provider, `${quoted(why)}: begin again, and tell an owner if it stays so`, error);
}

function quoted(said: string): string {
  return `“${said.replaceAll(/[\p{C}]+/gu, ' ').slice(0, 200)}”`;
}

function refused({ name }: Provider, why: string, cause?: unknown): HarpError {
  return new HarpError('provider.refused', `the answer of ${name} was not accepted: ${why}`, { cause });
}
