/** What enrolment asks the server. The first element of every key is the live stream's, so whatever changes makes exactly these old. */
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';
import {
  BlockList,
  EnrolmentFunnel,
  EnrolmentPage,
  EnrolmentServer,
  type EnrolmentState,
  type EnrolmentSummary,
  RuleList,
  TokenList,
} from '../../api/schemas.ts';

/** Rows that a list shows; more are found by searching. */
const LISTED = 1000;
/** How far PCs are follows from their reports too, which do not announce it. */
const FUNNEL_REFRESH_MS = 5000;

interface EnrolmentFilter {
  state?: EnrolmentState | undefined;
  token?: string | undefined;
  search?: string | undefined;
}

/** PCs that asked. */
export const enrolmentsQuery = ({ state, token, search }: EnrolmentFilter) =>
  queryOptions({
    queryKey: ['enrolments', 'list', { state, token, search }] as const,
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ limit: String(LISTED) });
      for (const [name, value] of Object.entries({ state, token, search }))
        if (value !== undefined && value !== '') query.set(name, value);
      return ask(EnrolmentPage, `/enrolments?${query}`, { signal });
    },
    placeholderData: keepPreviousData,
  });

/** How many wait: one row and the count. */
export const waitingCountQuery = queryOptions({
  queryKey: ['enrolments', 'count'] as const,
  queryFn: ({ signal }) => ask(EnrolmentPage, '/enrolments?state=waiting&limit=1', { signal }),
});

/** Every PC that waits, for what a rule would let in; as many pages as that takes. */
export const allWaitingQuery = queryOptions({
  queryKey: ['enrolments', 'waiting'] as const,
  queryFn: async ({ signal }) => {
    const all: EnrolmentSummary[] = [];
    let cursor: string | null = null;
    do {
      const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: EnrolmentPage = await ask(EnrolmentPage, `/enrolments?state=waiting&limit=1000${after}`, { signal });
      all.push(...page.enrolments);
      cursor = page.nextCursor;
    } while (cursor !== null);
    return all;
  },
});

export const tokensQuery = queryOptions({
  queryKey: ['enrolments', 'tokens'] as const,
  queryFn: ({ signal }) => ask(TokenList, '/tokens', { signal }),
});

export const funnelQuery = (token: string) =>
  queryOptions({
    queryKey: ['enrolments', 'funnel', token] as const,
    queryFn: ({ signal }) => ask(EnrolmentFunnel, `/enrolments/funnel?${new URLSearchParams({ token })}`, { signal }),
    refetchInterval: FUNNEL_REFRESH_MS,
  });

/** Where PCs reach the server; changes when the server is set up anew only. */
export const serverQuery = queryOptions({
  queryKey: ['enrolment-server'] as const,
  queryFn: ({ signal }) => ask(EnrolmentServer, '/enrolments/server', { signal }),
});

export const rulesQuery = queryOptions({
  queryKey: ['enrolments', 'rules'] as const,
  queryFn: ({ signal }) => ask(RuleList, '/enrolment-rules', { signal }),
});

export const blocksQuery = queryOptions({
  queryKey: ['enrolments', 'blocks'] as const,
  queryFn: ({ signal }) => ask(BlockList, '/enrolment-blocks', { signal }),
});
