/** The sign-in providers that owners have entered. Their secrets are sealed, and no answer holds one. */
import { HarpError } from '@harp/broker/protocol';
import { Prisma, type PrismaClient } from '@harp/prisma';
import type { ProviderChange, ProviderRequest, SignInProvider } from '../../api/schemas.ts';
import { roleNamed } from '../access/grants.ts';
import type { Changes } from '../audit/request-audit.ts';
import type { SealedPlace, Secrets } from '../keys/secrets.ts';
import type { Clock } from '../ports.ts';
import { isPlain, type Provider, returnAddress } from './provider-client.ts';

/** More buttons than this nobody reads. */
const MAX_PROVIDERS = 10;
const UNIQUE_VIOLATION = 'P2002';

type Row = Prisma.SignInProviderGetPayload<object>;

/** A provider as sign-ins use it. */
export type OpenProvider = Provider & { admitGroup: string | null; admitRole: string | null };

export interface Providers {
  /** Where people are sent back to. */
  readonly consoleOrigin: string;
  /** All of them, by name, without their secrets. */
  list(): Promise<SignInProvider[]>;
  /** @throws {HarpError} `fleet.conflict` if there is one of this id or name, or too many */
  add(asked: ProviderRequest, changes: Changes): Promise<SignInProvider>;
  /** Without a secret the one there is stays. Undefined if there is none of this id. @throws {HarpError} `fleet.conflict`, `api.invalid` */
  change(id: string, asked: ProviderChange, changes: Changes): Promise<SignInProvider | undefined>;
  /** Takes it away with every account that is linked to it. Says whether there was one. */
  remove(id: string, changes: Changes): Promise<boolean>;
  /** With its secret; undefined if there is none of this id, or it is switched off and `enabledOnly`. */
  open(id: string, enabledOnly: boolean): Promise<OpenProvider | undefined>;
}

export function createProviders(
  database: Pick<PrismaClient, 'signInProvider'>,
  { secrets, consoleOrigin, clock }: { secrets: Secrets; consoleOrigin: string; clock: Clock },
): Providers {
  const shown = (row: Row): SignInProvider => ({
    id: row.id,
    name: row.name,
    kind: row.kind === 'nextcloud' ? 'nextcloud' : 'oidc',
    url: row.url,
    clientId: row.clientId,
    caPem: row.caPem,
    enabled: row.enabled,
    scopes: row.scopes,
    groupsClaim: row.groupsClaim,
    admitGroup: row.admitGroup,
    admitRole: admissible(row.admitRole),
    returnAddress: returnAddress(consoleOrigin, row.id),
  });
  const objectOf = ({ id, name }: { id: string; name: string }) => ({ kind: 'provider', id, name }) as const;
  const taken = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === UNIQUE_VIOLATION)
        throw new HarpError('fleet.conflict', 'there is a way to sign in of this name already');
      throw error;
    });
  return {
    consoleOrigin,

    async list() {
      return (await database.signInProvider.findMany({ orderBy: { name: 'asc' } })).map(shown);
    },

    add: ({ clientSecret, ...asked }, changes) =>
      taken(
        changes.change(async (tx, record) => {
          if ((await tx.signInProvider.count()) >= MAX_PROVIDERS)
            throw new HarpError('fleet.conflict', `there may be ${MAX_PROVIDERS} of them: remove one first`);
          const row = await tx.signInProvider.create({
            data: {
              ...asked,
              secretSealed: secrets.seal(placeOf(asked.id), clientSecret),
              createdAt: new Date(clock.nowMs()),
            },
          });
          record.add({ action: 'provider.create', object: objectOf(row), after: { ...shown(row), clientSecret } });
          return shown(row);
        }),
      ),

    change: (id, { clientSecret, ...asked }, changes) =>
      taken(
        changes.change(async (tx, record) => {
          const before = await tx.signInProvider.findUnique({ where: { id } });
          if (before === null) {
            record.nothing();
            return undefined;
          }
          // Whoever may point it elsewhere is sent the secret there, and must know it therefore.
          if (clientSecret === undefined && new URL(before.url).origin !== new URL(asked.url).origin)
            throw new HarpError('api.invalid', 'another address needs the client secret to be entered anew');
          const row = await tx.signInProvider.update({
            where: { id },
            data: {
              ...asked,
              ...(clientSecret === undefined ? {} : { secretSealed: secrets.seal(placeOf(id), clientSecret) }),
            },
          });
          record.add({
            action: 'provider.update',
            object: objectOf(row),
            before: shown(before),
            after: { ...shown(row), ...(clientSecret === undefined ? {} : { clientSecret }) },
          });
          return shown(row);
        }),
      ),

    remove: (id, changes) =>
      changes.change(async (tx, record) => {
        const before = await tx.signInProvider.findUnique({ where: { id } });
        if (before === null) {
          record.nothing();
          return false;
        }
        const accounts = await tx.linkedAccount.count({ where: { providerId: id } });
        await tx.signInProvider.delete({ where: { id } });
        record.add({ action: 'provider.remove', object: objectOf(before), before: { ...shown(before), accounts } });
        return true;
      }),

    async open(id, enabledOnly) {
      const row = await database.signInProvider.findUnique({ where: { id } });
      if (row === null || (enabledOnly && !row.enabled)) return undefined;
      const { admitGroup } = row;
      const { name, kind, url, clientId, caPem, scopes, groupsClaim, admitRole } = shown(row);
      const clientSecret = secrets.open(placeOf(id), row.secretSealed);
      return { id, name, kind, url, clientId, clientSecret, caPem, scopes, groupsClaim, admitGroup, admitRole };
    },
  };
}

/** Whether a provider may be at an address: with TLS, or on this machine. */
export function isProviderAddress(url: string): boolean {
  return URL.canParse(url) && (new URL(url).protocol === 'https:' || isPlain(url));
}

function placeOf(id: string): SealedPlace {
  return { table: 'SignInProvider', column: 'secretSealed', id };
}

/** Nobody becomes an owner by a group of somebody else's. */
function admissible(role: string | null): SignInProvider['admitRole'] {
  const known = role === null ? undefined : roleNamed(role);
  return known === undefined || known === 'owner' ? null : known;
}
