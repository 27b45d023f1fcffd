/** The audit log as a route sees it, and the guard behind all routes: whatever changes something leaves an entry, even where a route forgot. */
import type { AuditActor } from '@harp/broker/protocol';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../api/route.ts';
import type { Identity } from '../auth/auth.ts';
import type { Tx } from '../content/rows.ts';
import type { Logger } from '../ports.ts';
import type { AuditedChange, AuditOrigin, AuditRecord, AuditTrail, ChangeOptions } from './trail.ts';

/** Changes in the name of one request. */
export interface Changes {
  /** Does `work` in a transaction, with the entries that it records. @see AuditTrail.change */
  change<T>(work: (tx: Tx, record: AuditRecord) => Promise<T>, options?: ChangeOptions): Promise<T>;
}

/** What a request may say of what it does. */
export interface RequestAudit extends Changes {
  /** Writes an entry of its own, for what is no change in this database. `by`: who it turned out to be. */
  note(change: AuditedChange, by?: AuditActor): Promise<void>;
  /** Says that this request changes nothing, though its method could: a dry run. */
  nothing(): void;
  /** Whether one of these was called and succeeded. */
  readonly isAccounted: boolean;
}

/** The action of a request whose route recorded nothing. */
export const UNRECORDED = 'request.unrecorded';

/** A request's way to the log. */
export function requestAudit(trail: AuditTrail, origin: AuditOrigin): RequestAudit {
  let isAccounted = false;
  return {
    get isAccounted() {
      return isAccounted;
    },
    async change(work, options) {
      const result = await trail.change(origin, work, options);
      isAccounted = true;
      return result;
    },
    async note(change, by) {
      await trail.change(origin, async (_tx, record) => {
        if (by !== undefined) record.by(by);
        record.add(change);
      });
      isAccounted = true;
    },
    nothing() {
      isAccounted = true;
    },
  };
}

/** Who asks, as the log names them. `operator` is what a command line says of who sits there. */
export function actorOf(identity: Pick<Identity, 'kind' | 'id' | 'name'> | undefined, operator?: string): AuditActor {
  if (identity === undefined) return { kind: 'user', id: null, name: 'nobody', operator: null };
  const { kind, id, name } = identity;
  return { kind, id, name, operator: kind === 'api-key' ? (operator ?? null) : null };
}

/** The header in which `harp` says who sits at the command line, percent-encoded: `user@host`. */
const OPERATOR_HEADER = 'x-harp-operator';
const MAX_OPERATOR = 200;

/** What the header says, if it says something that people can read. */
export function operatorIn(header: string | undefined): string | undefined {
  if (header === undefined || header.length > 3 * MAX_OPERATOR) return undefined;
  try {
    const text = decodeURIComponent(header)
      .replaceAll(/[\p{C}\s]+/gu, ' ')
      .trim()
      .slice(0, MAX_OPERATOR);
    return text === '' ? undefined : text.replace(/\p{Surrogate}$/u, '');
  } catch {
    return undefined;
  }
}

/**
 * Gives every request its way to the log. A request that may change something, succeeded, and recorded nothing leaves an entry without details and an
 * error in the server's log; `own` says which paths concern nobody but the person who asks. Put it after `signedIn`.
 */
export function audited(
  trail: AuditTrail,
  own: (path: string) => boolean,
  logger: Pick<Logger, 'error'>,
): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const { method, path } = context.req;
    const audit = requestAudit(trail, {
      actor: actorOf(context.get('identity'), operatorIn(context.req.header(OPERATOR_HEADER))),
      requestId: context.get('requestId'),
      address: context.get('address').slice(0, 100),
    });
    context.set('audit', audit);
    await next();
    if (method === 'GET' || method === 'HEAD' || !context.res.ok || audit.isAccounted || own(path)) return;
    logger.error(
      { method, path, requestId: context.get('requestId') },
      'a request changed something and recorded nothing',
    );
    await audit.note({
      action: UNRECORDED,
      object: { kind: 'request', id: `${method} ${path}`.slice(0, 300), name: `${method} ${path}`.slice(0, 300) },
    });
  };
}
