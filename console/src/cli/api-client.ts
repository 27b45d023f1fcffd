/** The REST API as functions. Answers are parsed with the schemas that the server documents. */
import type { ErrorCode } from '@harp/broker/protocol';
import { errorCodes } from '@harp/broker/protocol';
import { Agent, fetch, type Response } from 'undici';
import { z } from 'zod';
import {
  AgentPage,
  AgentSummary,
  AuditVerifyResult,
  type DecisionRequest,
  DecisionResult,
  EnrolmentPage,
  type EnrolmentSummary,
  ErrorBody,
  type FleetDocument,
  FleetResult,
  FolderCoverage,
  FolderList,
  type FolderSummary,
  OfficeList,
  PersonList,
  PersonSummary,
  StatusInfo,
  TokenCreated,
  TokenList,
  type TokenWish,
  UndoResult,
  VerifyResult,
} from '../api/schemas.ts';
import { didYouMean } from '../api/suggest.ts';
import { CliFailure } from './failure.ts';
import type { ServerAccess } from './find-server.ts';

/** Verifying a folder of millions of entries answers after minutes. */
const ANSWER_WITHIN_MS = 3_600_000;

export type ApiClient = ReturnType<typeof createApiClient>;

/** A client of the server at `access`. Every call throws CliFailure. `operator`, who sits here, stands in the audit log beside the key. */
export function createApiClient({ url, apiKey }: ServerAccess, operator?: string) {
  const dispatcher = new Agent({ headersTimeout: ANSWER_WITHIN_MS, bodyTimeout: ANSWER_WITHIN_MS });

  const send = async (method: string, path: string, body?: unknown): Promise<Response> => {
    let response: Response;
    try {
      response = await fetch(`${url}/api/v1${path}`, {
        method,
        dispatcher,
        headers: {
          authorization: `Bearer ${apiKey}`,
          ...(operator === undefined ? {} : { 'x-harp-operator': encodeURIComponent(operator) }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw new CliFailure(
        'internal.unexpected',
        [`no Harp server answers at ${url} (${reasonOf(error)}): is it running?`],
        {
          cause: error,
        },
      );
    }
    if (!response.ok) throw await refusalOf(response, url);
    return response;
  };
  const call = async <S extends z.ZodType>(schema: S, method: string, path: string, body?: unknown) => {
    const response = await send(method, path, body);
    const parsed = schema.safeParse(await response.json().catch(() => undefined));
    if (parsed.success) return parsed.data;
    throw new CliFailure('internal.unexpected', [
      `${url} gives answers this version of harp does not understand: is it a Harp server of the same version?`,
    ]);
  };

  return {
    url,
    status: () => call(StatusInfo, 'GET', '/status'),
    apply: (document: FleetDocument, { dryRun, prune }: { dryRun: boolean; prune: boolean }) =>
      call(FleetResult, 'PUT', `/fleet?dryRun=${dryRun}&prune=${prune}`, document),
    offices: async () => (await call(OfficeList, 'GET', '/offices')).offices,
    folder: (id: string) => call(FolderCoverage, 'GET', `/folders/${encodeURIComponent(id)}?agents=0`),
    reindex: (id: string) =>
      call(z.object({ folder: z.string() }), 'POST', `/folders/${encodeURIComponent(id)}/reindex`),
    verify: (id: string) => call(VerifyResult, 'GET', `/folders/${encodeURIComponent(id)}/verify`),
    verifyAudit: () => call(AuditVerifyResult, 'GET', '/audit/verify'),
    createToken: (request: TokenWish) => call(TokenCreated, 'POST', '/tokens', request),
    tokens: async () => (await call(TokenList, 'GET', '/tokens')).tokens,
    revokeToken: (id: string) => call(z.object({ id: z.string() }), 'DELETE', `/tokens/${encodeURIComponent(id)}`),
    enrolments: async (filter: { state?: string; search?: string }): Promise<EnrolmentSummary[]> => {
      const all: EnrolmentSummary[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query: URLSearchParams = new URLSearchParams({ ...filter, ...(cursor === '' ? {} : { cursor }) });
        const page: EnrolmentPage = await call(EnrolmentPage, 'GET', `/enrolments?${query}`);
        all.push(...page.enrolments);
        cursor = page.nextCursor;
      }
      return all;
    },
    decide: (request: DecisionRequest) => call(DecisionResult, 'POST', '/enrolments/decide', request),
    undo: (ids: string[]) => call(UndoResult, 'POST', '/enrolments/undo', { ids }),
    revokeAgent: (id: string) => call(AgentSummary, 'POST', `/agents/${encodeURIComponent(id)}/revoke`),
    people: async () => (await call(PersonList, 'GET', '/people')).people,
    unlockPerson: (id: string) => call(PersonSummary, 'DELETE', `/people/${encodeURIComponent(id)}/lock`),
    folders: async () => (await call(FolderList, 'GET', '/folders')).folders,
    /** Every agent, however many pages that takes. */
    async agents(officeId?: string): Promise<AgentSummary[]> {
      const all: AgentSummary[] = [];
      const office = officeId === undefined ? '' : `&office=${encodeURIComponent(officeId)}`;
      for (let cursor: string | null = ''; cursor !== null; ) {
        const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const page: AgentPage = await call(AgentPage, 'GET', `/agents?limit=1000${office}${after}`);
        all.push(...page.agents);
        cursor = page.nextCursor;
      }
      return all;
    },
    /** The folder of this name or id. */
    async findFolder(nameOrId: string): Promise<FolderSummary> {
      const all = await this.folders();
      const found = all.find(({ name, id }) => name === nameOrId || id === nameOrId);
      if (found !== undefined) return found;
      const names = all.map(({ name }) => name);
      throw new CliFailure('api.not_found', [`no folder is called "${nameOrId}"${didYouMean(nameOrId, names)}`]);
    },
    /** The export of a folder's chain, as the server sends it. */
    async exportChain(id: string): Promise<AsyncIterable<Uint8Array>> {
      const { body } = await send('GET', `/folders/${encodeURIComponent(id)}/chain`);
      if (body === null) throw new CliFailure('internal.unexpected', [`${url} sent an empty export`]);
      return body;
    },
    /** The audit log after entry `after`, as the server sends it. */
    async exportAudit(after: number): Promise<AsyncIterable<Uint8Array>> {
      const { body } = await send('GET', `/audit/export?after=${after}`);
      if (body === null) throw new CliFailure('internal.unexpected', [`${url} sent an empty export`]);
      return body;
    },
    /** Closes the connections, so that the process can end. */
    close: () => dispatcher.destroy(),
  };
}

async function refusalOf(response: Response, url: string): Promise<CliFailure> {
  const parsed = ErrorBody.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success)
    return new CliFailure('internal.unexpected', [`${url} answers ${response.status} and is perhaps no Harp server`]);
  const { code, message, requestId, problems } = parsed.data.error;
  const known = Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'internal.unexpected';
  const request = known === 'internal.unexpected' ? ` (request ${requestId})` : '';
  return new CliFailure(known, [`${message}${request}`], problems === undefined ? {} : { problems });
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (cause instanceof Error) return 'code' in cause ? String(cause.code) : cause.message;
  return String(cause);
}
