/** Which roots the fleet trusts, and the way from one root to the next: no step before every agent is ready for it, unless a person forces it. */
import { X509Certificate } from 'node:crypto';
import type { Clock, Logger } from '../ports.ts';
import type { AgentId, AuthorityStatus, RotateRequest, TrustAnswer, TrustRequest } from '../protocol/index.ts';
import type { Authorities, TrustRow, TrustStore } from '../store/trust-store.ts';
import type { Pki } from './pki.ts';
import { fingerprintOf } from './pki-files.ts';

/** How many of those that are waited for are named. */
const NAMED_MAX = 20;

export interface TrustDesk {
  /** Notes what an agent trusts and what it showed (`chain`: DER, its own certificate first), and says what it should trust. @throws {HarpError} `identity.revoked` */
  hear(agent: AgentId, request: TrustRequest, chain: readonly Uint8Array[]): Promise<TrustAnswer>;
  status(): Promise<AuthorityStatus>;
  /** @throws {HarpError} `ca.root_absent`, `ca.rotation_pending` */
  rotate(request: RotateRequest): Promise<AuthorityStatus>;
  /** Takes the next step of replacing the root if every agent is ready for it. */
  advance(): Promise<void>;
  /** Renews what ends soon, and leaves it for the audit log when the issuing CA was among it. Resolves to whether anything changed. */
  renewDue(): Promise<boolean>;
}

export interface TrustDeskOptions {
  pki: Pki;
  store: TrustStore;
  /** What agents connect to. */
  mqttUrl: string;
  clock: Clock;
  logger: Logger;
}

/** The desk where agents say which roots they trust. */
export function createTrustDesk({ pki, store, mqttUrl, clock, logger }: TrustDeskOptions): TrustDesk {
  const waiting = (rows: readonly TrustRow[]): AuthorityStatus['waiting'] => {
    const { present, next, old } = pki.roots;
    if (next === undefined && old === undefined) return null;
    const isReady = (row: TrustRow) =>
      next === undefined ? row.certificateRoot === present : row.trustedRoots.includes(next);
    const behind = rows.filter((row) => !isReady(row));
    return {
      for: next === undefined ? 'renewal' : 'trust',
      agents: behind.length,
      some: behind.slice(0, NAMED_MAX).map(({ id, hostname }) => ({ id, hostname })),
    };
  };

  const authorities = (): Authorities => {
    const { present, next = null, old = null } = pki.roots;
    return { root: present, nextRoot: next, oldRoot: old, issuing: fingerprintOf(pki.issuing) };
  };

  /** The authority stands in files, the log in the database: what is lost when the process ends in between is the entry, never the key. */
  const recorded = async (step: string, change: () => Promise<void>, operator?: string): Promise<void> => {
    const before = authorities();
    await change();
    await store.recordRotation(before, {
      ...authorities(),
      step,
      ...(operator === undefined ? {} : { operator }),
    });
  };

  const step = async (operator?: string): Promise<void> => {
    const { next, old } = pki.roots;
    if (next !== undefined) {
      await recorded('root in use', () => pki.promoteRoot(), operator);
      logger.info({ root: next.slice(0, 16) }, 'the new root CA is in use');
    } else if (old !== undefined) {
      await recorded('old root dropped', () => pki.dropOldRoot(), operator);
      logger.info({ root: old.slice(0, 16) }, 'the old root CA is trusted no longer');
    }
  };

  const desk: TrustDesk = {
    async hear(agent, { roots }, chain) {
      const root = pki.rootOf(chain);
      const issuer = chain[1] === undefined ? null : fingerprintOf(chain[1]);
      await store.record(agent, { trustedRoots: roots, certificateRoot: root ?? null, certificateIssuer: issuer });
      return { ...pki.trust(), mqttUrl, renew: pki.roots.old !== undefined && root !== pki.roots.present };
    },

    async status() {
      const rows = await store.rows(clock.nowMs());
      const { present, next } = pki.roots;
      const issuing = fingerprintOf(pki.issuing);
      return {
        roots: [...pki.rootCertificates].map(([fingerprint, certificate]) => ({
          fingerprint,
          state: fingerprint === present ? 'present' : fingerprint === next ? 'next' : 'old',
          ...factsOf(certificate),
          trustedBy: rows.filter(({ trustedRoots }) => trustedRoots.includes(fingerprint)).length,
          agentsBelow: rows.filter(({ certificateRoot }) => certificateRoot === fingerprint).length,
        })),
        rootKeyHere: await pki.hasRootKey(),
        issuing: {
          fingerprint: issuing,
          ...factsOf(pki.issuing),
          agents: rows.filter(({ certificateIssuer }) => certificateIssuer === issuing).length,
        },
        agents: rows.length,
        waiting: waiting(rows),
      };
    },

    async rotate({ what, force, operator }) {
      const isPending = pki.roots.next !== undefined || pki.roots.old !== undefined;
      if (what === 'issuing') await recorded('new issuing CA', () => pki.rotateIssuing(), operator);
      else if (force && isPending) await step(operator);
      else await recorded('new root introduced', () => pki.introduceRoot(), operator);
      return desk.status();
    },

    async advance() {
      const { next, old } = pki.roots;
      if (next === undefined && old === undefined) return;
      if (waiting(await store.rows(clock.nowMs()))?.agents === 0) await step();
    },

    async renewDue() {
      const before = authorities();
      const changed = await pki.renewDue();
      const after = authorities();
      if (after.issuing !== before.issuing)
        await store.recordRotation(before, { ...after, step: 'issuing CA renewed' });
      return changed;
    },
  };
  return desk;
}

function factsOf(certificate: string): { name: string; endsAtMs: number } {
  const { subject, validTo } = new X509Certificate(certificate);
  return { name: subject.replace(/^CN=/, ''), endsAtMs: Date.parse(validTo) };
}
