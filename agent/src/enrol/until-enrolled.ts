/** Enrols a PC that nobody stands at: looks for its server, asks, waits, and begins again for as long as it takes. */
import { HarpError, isHarpError } from '@harp/broker/protocol';
import type { Logger } from '../ports.ts';
import { removePending, writePending } from '../state/pending-file.ts';
import { slept } from '../wake.ts';
import { type Contact, contactOfToken, type EnrolDeps, enrolAt, type WaitingState } from './enrol.ts';
import { type DnsOptions, serverInFile, serversInDns, serversOfNeighbours } from './find-server.ts';
import { type EnrolmentRecord, readIdentity } from './identity-files.ts';

const RETRY_FIRST_MS = 2_000;
const RETRY_CAP_MS = 60_000;
/** After an answer that another question will not change soon. */
const REFUSED_RETRY_MS = 300_000;
/** Where several servers are named, each is given this long: one that means no good must not keep the PC for ever. */
const EACH_SERVER_MS = 300_000;
/** How often it looks whether another process has enrolled this PC. */
const LOOK_MS = 2_000;

export interface UntilEnrolledDeps extends Omit<EnrolDeps, 'onWaiting'> {
  log: Logger;
  /** HARP_TOKEN. */
  token: string | undefined;
  multicast: boolean;
  dns: DnsOptions;
  /** Called with what people at the PC should see. */
  show: (state: WaitingState) => void;
  /** Ends it by an error instead of going on. */
  givesUp: (error: HarpError) => boolean;
}

/**
 * The identity of this PC, once it has one; undefined if `signal` aborts before.
 *
 * @throws {HarpError} `agent.state_damaged`, and what `givesUp` says
 */
export async function untilEnrolled(
  deps: UntilEnrolledDeps,
  signal: AbortSignal,
): Promise<EnrolmentRecord | undefined> {
  const { layout, clock, log } = deps;
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  // Somebody may enrol it by hand meanwhile.
  const watch = (async () => {
    while (await slept(clock, LOOK_MS, either)) {
      if ((await readIdentity(layout).catch(() => undefined)) !== undefined) ended.abort();
    }
  })();
  try {
    for (let failures = 0; ; failures++) {
      const present = await readIdentity(layout);
      if (present !== undefined) return present.record;
      const problem = await tryOnce(deps, either).catch((error: unknown) => error);
      if (!(problem instanceof Error)) return problem as EnrolmentRecord;
      if (signal.aborted) return undefined;
      if (ended.signal.aborted) continue;
      const error = isHarpError(problem) ? problem : new HarpError('internal.unexpected', String(problem));
      if (deps.givesUp(error)) throw error;
      log.warn({ code: error.code, reason: error.message }, 'not enrolled yet');
      await writePending(layout, { cause: error.code });
      const backOffMs = Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** Math.min(failures, 10));
      await slept(clock, error.retry === 'never' ? REFUSED_RETRY_MS : backOffMs, either);
    }
  } finally {
    ended.abort();
    await watch;
    await removePending(layout);
  }
}

async function tryOnce(deps: UntilEnrolledDeps, signal: AbortSignal): Promise<EnrolmentRecord> {
  const contacts = await findContacts(deps, signal);
  if (contacts.length === 0) {
    throw new HarpError('enrolment.no_server', 'no token, no enrol.json, no neighbour and no DNS record names one');
  }
  let last: unknown;
  for (const contact of contacts) {
    const limit = contacts.length === 1 ? signal : AbortSignal.any([signal, AbortSignal.timeout(EACH_SERVER_MS)]);
    try {
      return await enrolAt(contact, { ...deps, onWaiting: (state) => tell(deps, state) }, limit);
    } catch (error) {
      if (signal.aborted) throw error;
      last = limit.aborted ? new HarpError('enrolment.code_needed', `nobody at ${contact.url} typed the code`) : error;
    }
  }
  throw last;
}

/** In the order of how far each is to be trusted; the first that has an answer counts. */
async function findContacts(
  { layout, token, multicast, dns }: UntilEnrolledDeps,
  signal: AbortSignal,
): Promise<Contact[]> {
  if (token !== undefined && token !== '') return [contactOfToken(token, 'token')];
  const inFile = await serverInFile(layout.root);
  if (inFile !== undefined) return [inFile];
  const neighbours = multicast ? await serversOfNeighbours(signal) : [];
  return neighbours.length > 0 ? neighbours : serversInDns(dns);
}

function tell({ layout, log, show }: UntilEnrolledDeps, state: WaitingState): void {
  const { via, url, cause, code } = state;
  log.warn({ via, server: url, cause, ...(code === undefined ? {} : { code }) }, 'waiting to be let in');
  void writePending(layout, { via, server: url, cause, ...(code === undefined ? {} : { code }) });
  show(state);
}
