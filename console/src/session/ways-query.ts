import { queryOptions } from '@tanstack/react-query';
import { ask } from '../api/client.ts';
import { SignInWays } from '../api/schemas.ts';

/** How one may sign in besides a password. */
export const signInWaysQuery = queryOptions({
  queryKey: ['session-ways'] as const,
  queryFn: ({ signal }) => ask(SignInWays, '/session/ways', { signal }),
});
