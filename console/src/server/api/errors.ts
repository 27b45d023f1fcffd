/** Every refusal leaves the API as an ErrorBody. What nobody expected is logged with its cause, and the caller learns the request's number only. */
import { type ErrorCode, errorCodes, HarpError } from '@harp/broker/protocol';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ErrorBody } from '../../api/schemas.ts';
import { ProblemsError } from '../fleet/refusal.ts';
import type { Logger } from '../ports.ts';
import type { ApiEnv } from './route.ts';

/** Status codes by which frameworks refuse, and what they mean here. */
const codeByStatus: Record<number, ErrorCode> = { 404: 'api.not_found', 413: 'protocol.too_large' };

/** Turns whatever was thrown into the answer. */
export function answerError(error: unknown, context: Context<ApiEnv>, logger: Logger): Response {
  const known = knownError(error);
  const requestId = context.get('requestId') ?? '';
  const facts = { requestId, method: context.req.method, path: context.req.path };
  if (known === undefined || known.code === 'internal.unexpected')
    logger.error({ ...facts, error: describe(error) }, 'a request failed unexpectedly');
  else logger.debug({ ...facts, code: known.code, reason: known.message }, 'a request was refused');
  const retryAfter = known?.facts.retryAfterSeconds;
  if (typeof retryAfter === 'number') context.header('Retry-After', String(retryAfter));
  return context.json(
    errorBody(
      known?.code ?? 'internal.unexpected',
      known?.message ?? 'something unexpected happened; the log has the details under this request id',
      requestId,
      known instanceof ProblemsError ? known.problems : undefined,
    ),
    statusOf(known?.code ?? 'internal.unexpected'),
  );
}

/** The body of a refusal. */
export function errorBody(
  code: ErrorCode,
  message: string,
  requestId: string,
  problems?: readonly { field: string; message: string }[],
): ErrorBody {
  return { error: { code, message, requestId, ...(problems === undefined ? {} : { problems: [...problems] }) } };
}

/** There is nothing by this id. */
export function notFound(what: string, id: string): HarpError {
  return new HarpError('api.not_found', `there is no ${what} ${id}`);
}

function knownError(error: unknown): HarpError | undefined {
  if (error instanceof HarpError) return error;
  if (!(error instanceof HTTPException)) return undefined;
  if (error.status === 415)
    return new HarpError('api.invalid', 'a body must say what it is: Content-Type: application/json');
  // What frameworks blame on the request is the caller's to mend, under whatever status they do.
  const code = codeByStatus[error.status] ?? (error.status < 500 ? 'api.invalid' : undefined);
  return code === undefined ? undefined : new HarpError(code, error.message || errorCodes[code].title);
}

function statusOf(code: ErrorCode): ContentfulStatusCode {
  const { status } = errorCodes[code];
  // 495 is nginx's own and no status a fetch client knows; nothing of the API throws it.
  return (status > 599 ? 500 : status) as ContentfulStatusCode;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
