import { z } from 'zod';

const byteCount = z.int().min(0);

/** What goes wrong with a request that a rule matches. */
export const Fault = z.discriminatedUnion('kind', [
  /** The body of this one answer is paced. */
  z.object({ kind: z.literal('slow'), bytesPerSecond: z.int().min(1) }),
  /** The request waits before anything is done. */
  z.object({ kind: z.literal('delay'), ms: z.int().min(0) }),
  /** The connection is closed in order after so many body bytes, although `Content-Length` promised more. */
  z.object({ kind: z.literal('short-body'), afterBytes: byteCount }),
  /** The connection is reset (plain TCP) or torn down (TLS) after so many body bytes; the client may get fewer. */
  z.object({ kind: z.literal('reset'), afterBytes: byteCount }),
  /** An error answer in the language of the endpoint. `exception` and `message` fill WebDAV's `s:` elements. */
  z.object({
    kind: z.literal('status'),
    status: z.int().min(400).max(599),
    retryAfter: z.int().min(0).optional(),
    exception: z.string().optional(),
    message: z.string().optional(),
  }),
  /** The file gets a new version once the first piece of a GET is out; that GET goes on with the old bytes. */
  z.object({ kind: z.literal('changed-mid-read') }),
  /** 200 with the whole file, whatever `Range` says. */
  z.object({ kind: z.literal('ignore-range') }),
  /** One byte is flipped at the start of the body and every 4 KiB. */
  z.object({ kind: z.literal('corrupt') }),
]);
export type Fault = z.infer<typeof Fault>;

/** When a fault strikes. All given conditions must hold; none at all matches every request. */
export const FaultRule = z.object({
  match: z
    .object({
      method: z.string().optional(),
      /** Compared with the decoded URL path below the base path and with the path in the owner's tree. */
      pathPrefix: z.string().optional(),
      /** Label of the share the request came with. */
      label: z.string().optional(),
      /** The rule goes away after so many strikes. */
      count: z.int().min(1).optional(),
    })
    .default({}),
  fault: Fault,
});
export type FaultRule = z.infer<typeof FaultRule>;

/** The facts rules are compared with. */
export interface FaultSubject {
  readonly method: string;
  readonly urlPath: string;
  readonly ownerPath: string | undefined;
  readonly label: string | undefined;
}

interface ArmedRule {
  readonly rule: FaultRule;
  left: number;
}

const onlyWithGet: ReadonlySet<Fault['kind']> = new Set(['changed-mid-read', 'ignore-range']);

/** The rules in force, oldest first. Several may strike the same request. */
export class Faults {
  private readonly armed = new Map<string, ArmedRule>();
  private lastId = 0;

  /** Returns the id for `remove`. @throws {z.ZodError} for a rule that is not well formed. */
  add(rule: z.input<typeof FaultRule>): string {
    this.lastId += 1;
    const id = String(this.lastId);
    const parsed = FaultRule.parse(rule);
    this.armed.set(id, { rule: parsed, left: parsed.match.count ?? Number.POSITIVE_INFINITY });
    return id;
  }

  remove(id: string): boolean {
    return this.armed.delete(id);
  }

  clear(): void {
    this.armed.clear();
  }

  list(): { id: string; rule: FaultRule }[] {
    return [...this.armed].map(([id, { rule }]) => ({ id, rule }));
  }

  /** Faults for one request; counts a strike for each. */
  strike(subject: FaultSubject): Fault[] {
    const hits = [...this.armed].filter(([, { rule }]) => applies(rule, subject));
    for (const [id, armed] of hits) {
      armed.left -= 1;
      if (armed.left === 0) this.armed.delete(id);
    }
    return hits.map(([, { rule }]) => rule.fault);
  }
}

function applies({ match, fault }: FaultRule, subject: FaultSubject): boolean {
  const { pathPrefix, label, method } = match;
  if (onlyWithGet.has(fault.kind) && subject.method !== 'GET') return false;
  if (method !== undefined && method.toUpperCase() !== subject.method) return false;
  if (label !== undefined && label !== subject.label) return false;
  return pathPrefix === undefined || [subject.urlPath, subject.ownerPath].some((path) => path?.startsWith(pathPrefix));
}

/** The first fault of a kind among those that struck. */
export function faultOf<Kind extends Fault['kind']>(
  faults: readonly Fault[],
  kind: Kind,
): Extract<Fault, { kind: Kind }> | undefined {
  return faults.find((fault): fault is Extract<Fault, { kind: Kind }> => fault.kind === kind);
}
