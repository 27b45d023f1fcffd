/** OCS, Nextcloud's REST envelope (api.md 1.3): `{ocs:{meta,data}}` in JSON, though failures may come as XML or as neither. */
import { HarpError } from '@harp/broker/protocol';
import { z } from 'zod';
import type { Answer } from './failures.ts';
import { failureOf } from './failures.ts';

const Envelope = z.object({
  ocs: z.object({
    meta: z.object({ statuscode: z.int(), message: z.string().nullish() }),
    data: z.unknown(),
  }),
});

/** An OCS answer taken apart. */
export interface OcsReply {
  statusCode: number;
  message: string;
  data: unknown;
}

/** The envelope of a JSON body; undefined if it is something else. */
export function parseOcs(text: string): OcsReply | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // XML (failed logins) or a proxy's page: the HTTP status decides.
    return undefined;
  }
  const parsed = Envelope.safeParse(value);
  if (!parsed.success) return undefined;
  const { meta, data } = parsed.data.ocs;
  return { statusCode: meta.statuscode, message: meta.message ?? '', data };
}

/**
 * The data of a successful v2 answer, checked by `schema`.
 *
 * @throws {HarpError} what the status means; the message carries Nextcloud's own words. `origin.unexpected` if the data has another form.
 */
export function ocsData<S extends z.ZodType>(answer: Answer, schema: S, doing: string): z.infer<S> {
  const reply = parseOcs(answer.text);
  if (answer.status >= 300 || reply === undefined || (reply.statusCode !== 200 && reply.statusCode !== 100)) {
    throw ocsFailure(answer, reply, doing);
  }
  const data = schema.safeParse(reply.data);
  if (data.success) return data.data;
  throw new HarpError('origin.unexpected', `Nextcloud's answer has an unknown form (${doing})`, { cause: data.error });
}

function ocsFailure(answer: Answer, reply: OcsReply | undefined, doing: string): HarpError {
  const status =
    answer.status >= 300 ? answer.status : (httpStatusOf[reply?.statusCode ?? 0] ?? reply?.statusCode ?? 502);
  const failure = failureOf({ ...answer, status }, doing);
  if (reply === undefined || reply.message === '') return failure;
  return new HarpError(failure.code, `${reply.message} (${doing})`, {
    facts: { ...failure.facts, ocsStatus: reply.statusCode },
  });
}

/** OCS status codes with an HTTP meaning of their own. */
const httpStatusOf: Record<number, number> = { 996: 500, 997: 401, 998: 404, 999: 500 };
