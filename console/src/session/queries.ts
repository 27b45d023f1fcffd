import { queryOptions } from '@tanstack/react-query';
import { ask } from '../api/client.ts';
import { SessionInfo } from '../api/schemas.ts';

/** Who is signed in, and whether there is anybody who could. */
export const sessionQuery = queryOptions({
  queryKey: ['session'] as const,
  queryFn: ({ signal }) => ask(SessionInfo, '/session', { signal }),
  staleTime: Number.POSITIVE_INFINITY,
});
