/** Who there is. Nothing of it is told by the live stream: whatever changes it reads it again. */
import { queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';
import { PersonList, SignInProviderList } from '../../api/schemas.ts';

export const peopleQuery = queryOptions({
  queryKey: ['people'] as const,
  queryFn: ({ signal }) => ask(PersonList, '/people', { signal }),
});

export const providersQuery = queryOptions({
  queryKey: ['sign-in-providers'] as const,
  queryFn: ({ signal }) => ask(SignInProviderList, '/sign-in-providers', { signal }),
});
