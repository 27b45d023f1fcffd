/** Enrolment tokens: made, listed, revoked. The secret is in the answer to its making and nowhere else. */
import { formatToken, HarpError, toBase64Url, toHex, utf8 } from '@harp/broker/protocol';
import { sha256 } from '@harp/broker/protocol/node';
import type { PrismaClient } from '@harp/prisma';
import type { TokenCreated, TokenRequest, TokenSummary } from '../../../api/schemas.ts';
import { didYouMean } from '../../../api/suggest.ts';
import { officeWhere } from '../../access/in-places.ts';
import { isIn, type Places } from '../../access/rights.ts';
import type { Changes } from '../../audit/request-audit.ts';
import { newId } from '../../auth/secrets.ts';
import type { Tx } from '../../content/rows.ts';
import { ProblemsError } from '../../fleet/refusal.ts';
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

/**
 * Makes a token for an office of the places, named as people name it, or for no office, which only whoever may everywhere can.
 *
 * @throws {HarpError} `api.not_found` if there is no such office
 */
export async function createToken(
  request: TokenRequest,
  { database, clock, randomBytes, enrolment }: TokenPorts,
  places: Places,
  changes: Changes,
): Promise<TokenCreated> {
  const office = await officeOf(request.office, database, places);
  const { name, tags, cidrs, approval, expected = null, uses } = request;
  const secret = toBase64Url(randomBytes(32));
  const token = formatToken({ g: enrolment.gatewayUrl, f: await enrolment.caFingerprint(), s: secret });
  const expiresAtMs = clock.nowMs() + request.expiresInSeconds * 1000;
  const id = newId('tok-', randomBytes);
  await changes.change(async (tx, record) => {
    await tx.enrolmentToken.create({
      data: {
        id,
        name,
        secretHash: toHex(sha256(utf8(secret))),
        officeId: office?.id ?? null,
        tags,
        cidrs,
        approval,
        expected,
        uses,
        expiresAt: new Date(expiresAtMs),
        createdAt: new Date(clock.nowMs()),
      },
    });
    record.add({
      action: 'token.create',
      object: { kind: 'token', id, name: name === '' ? id : name },
      office: office?.id ?? null,
      after: { office: office?.name ?? null, tags, cidrs, approval, expected, uses, expiresAtMs },
    });
  });
  return { id, token, office: office?.name ?? null, uses, expiresAtMs };
}

async function officeOf(
  name: string | undefined,
  database: PrismaClient,
  places: Places,
): Promise<{ id: string; name: string } | null> {
  if (name === undefined) {
    if (places === 'everywhere') return null;
    throw new ProblemsError('api.invalid', [{ field: 'office', message: 'say for which office' }]);
  }
  const office = await database.office.findUnique({ where: { name }, select: { id: true, name: true } });
  if (office !== null && isIn(places, office.id)) return office;
  const offices = await database.office.findMany({ ...officesOf(places), select: { name: true }, take: 10_000 });
  const names = offices.map((each) => each.name);
  throw new HarpError('api.not_found', `no office is called "${name}"${didYouMean(name, names)}`);
}

/** The newest thousand tokens of the places, without their secrets. */
export async function listTokens(
  { database, clock }: Pick<TokenPorts, 'database' | 'clock'>,
  places: Places,
): Promise<TokenSummary[]> {
  const rows = await database.enrolmentToken.findMany({
    where: ofPlaces(places),
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    take: 1000,
    include: { office: { select: { name: true } } },
  });
  return rows.map(({ office, uses, used, revokedAt, createdAt, expiresAt, ...row }) => ({
    id: row.id,
    name: row.name,
    office: office?.name ?? null,
    officeId: row.officeId,
    tags: row.tags,
    cidrs: row.cidrs,
    approval: row.approval === 'manual' ? 'manual' : 'automatic',
    expected: row.expected,
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

/** Revokes a token of the places: agents it has enrolled stay, nobody enrols with it any more. @throws {HarpError} `api.not_found` */
export async function revokeToken(
  id: string,
  { clock }: Pick<TokenPorts, 'clock'>,
  places: Places,
  changes: Changes,
): Promise<void> {
  await changes.change(async (tx, record) => {
    const revokedAtMs = clock.nowMs();
    const { count } = await tx.enrolmentToken.updateMany({
      where: { id, revokedAt: null, ...ofPlaces(places) },
      data: { revokedAt: new Date(revokedAtMs) },
    });
    const token = await tokenOf(tx, id, places);
    if (count === 0) return record.nothing();
    record.add({
      action: 'token.revoke',
      ...about(id, token),
      before: { revokedAtMs: null },
      after: { revokedAtMs },
    });
  });
}

/** Lets a batch go on: a token of the places that is not revoked ends so much later than now. @throws {HarpError} `api.not_found`, `api.invalid` */
export async function extendToken(
  id: string,
  expiresInSeconds: number,
  { clock }: Pick<TokenPorts, 'clock'>,
  places: Places,
  changes: Changes,
): Promise<{ expiresAtMs: number }> {
  return changes.change(async (tx, record) => {
    const token = await tokenOf(tx, id, places);
    if (token.revokedAt !== null) throw new HarpError('api.invalid', `the token ${id} is revoked: make another one`);
    const expiresAtMs = clock.nowMs() + expiresInSeconds * 1000;
    await tx.enrolmentToken.update({ where: { id }, data: { expiresAt: new Date(expiresAtMs) } });
    record.add({
      action: 'token.extend',
      ...about(id, token),
      before: { expiresAtMs: token.expiresAt.getTime() },
      after: { expiresAtMs },
    });
    return { expiresAtMs };
  });
}

interface TokenRow {
  name: string;
  officeId: string | null;
  expiresAt: Date;
  revokedAt: Date | null;
}

async function tokenOf(tx: Tx, id: string, places: Places): Promise<TokenRow> {
  const token = await tx.enrolmentToken.findFirst({
    where: { id, ...ofPlaces(places) },
    select: { name: true, officeId: true, expiresAt: true, revokedAt: true },
  });
  if (token === null) throw notFound('token', id);
  return token;
}

function about(id: string, { name, officeId }: TokenRow) {
  return { object: { kind: 'token', id, name: name === '' ? id : name }, office: officeId };
}

function ofPlaces(places: Places): { officeId?: { in: string[] } } {
  const offices = officeWhere(places);
  return offices === undefined ? {} : { officeId: offices };
}

function officesOf(places: Places): { where?: { id: { in: string[] } } } {
  const offices = officeWhere(places);
  return offices === undefined ? {} : { where: { id: offices } };
}
