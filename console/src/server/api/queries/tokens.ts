/** Enrolment tokens: made, listed, revoked. The secret is in the answer to its making and nowhere else. */
import { formatToken, HarpError, toBase64Url, toHex, utf8 } from '@harp/broker/protocol';
import { sha256 } from '@harp/broker/protocol/node';
import type { PrismaClient } from '@harp/prisma';
import type { TokenCreated, TokenRequest, TokenSummary } from '../../../api/schemas.ts';
import { didYouMean } from '../../../api/suggest.ts';
import { newId } from '../../auth/secrets.ts';
import type { Clock, RandomBytes } from '../../ports.ts';
import { notFound } from '../errors.ts';
import type { EnrolmentAddress } from '../ports.ts';
import { atMs } from './instants.ts';

export interface TokenPorts {
  database: PrismaClient;
  clock: Clock;
  randomBytes: RandomBytes;
  enrolment: EnrolmentAddress;
}

/** Makes a token for an office, named as people name it. @throws {HarpError} `api.not_found` if there is no such office */
export async function createToken(
  request: TokenRequest,
  { database, clock, randomBytes, enrolment }: TokenPorts,
): Promise<TokenCreated> {
  const office = await database.office.findUnique({ where: { name: request.office } });
  if (office === null) {
    const names = (await database.office.findMany({ select: { name: true }, take: 10_000 })).map(({ name }) => name);
    throw new HarpError('api.not_found', `no office is called "${request.office}"${didYouMean(request.office, names)}`);
  }
  const secret = toBase64Url(randomBytes(32));
  const token = formatToken({ g: enrolment.gatewayUrl, f: await enrolment.caFingerprint(), s: secret });
  const expiresAtMs = clock.nowMs() + request.expiresInSeconds * 1000;
  const { id } = await database.enrolmentToken.create({
    data: {
      id: newId('tok-', randomBytes),
      secretHash: toHex(sha256(utf8(secret))),
      officeId: office.id,
      uses: request.uses,
      expiresAt: new Date(expiresAtMs),
      createdAt: new Date(clock.nowMs()),
    },
  });
  return { id, token, office: office.name, uses: request.uses, expiresAtMs };
}

/** The newest thousand tokens, without their secrets. */
export async function listTokens({ database, clock }: Pick<TokenPorts, 'database' | 'clock'>): Promise<TokenSummary[]> {
  const rows = await database.enrolmentToken.findMany({
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    take: 1000,
    include: { office: { select: { name: true } } },
  });
  return rows.map(({ id, office, uses, used, revokedAt, createdAt, expiresAt }) => ({
    id,
    office: office.name,
    uses,
    used,
    state:
      revokedAt !== null
        ? 'revoked'
        : used >= uses
          ? 'used-up'
          : expiresAt.getTime() <= clock.nowMs()
            ? 'expired'
            : 'usable',
    createdAtMs: atMs(createdAt),
    expiresAtMs: atMs(expiresAt),
  }));
}

/** Revokes a token: agents it has enrolled stay, nobody enrols with it any more. @throws {HarpError} `api.not_found` */
export async function revokeToken(
  id: string,
  { database, clock }: Pick<TokenPorts, 'database' | 'clock'>,
): Promise<void> {
  const { count } = await database.enrolmentToken.updateMany({
    where: { id, revokedAt: null },
    data: { revokedAt: new Date(clock.nowMs()) },
  });
  if (count === 0 && (await database.enrolmentToken.count({ where: { id } })) === 0) throw notFound('token', id);
}
