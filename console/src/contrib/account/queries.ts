/** What the server says of one's own access. Nothing of it is told by the live stream: whatever changes it reads it again. */
import { queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';
import { KeyList, LinkedAccountList, PasskeyList, SessionList, TwoFactorState } from '../../api/schemas.ts';

export const ownSessionsQuery = queryOptions({
  queryKey: ['me', 'sessions'] as const,
  queryFn: ({ signal }) => ask(SessionList, '/me/sessions', { signal }),
});

export const ownKeysQuery = queryOptions({
  queryKey: ['me', 'keys'] as const,
  queryFn: ({ signal }) => ask(KeyList, '/me/keys', { signal }),
});

export const twoFactorQuery = queryOptions({
  queryKey: ['me', 'two-factor'] as const,
  queryFn: ({ signal }) => ask(TwoFactorState, '/me/two-factor', { signal }),
});

export const ownPasskeysQuery = queryOptions({
  queryKey: ['me', 'passkeys'] as const,
  queryFn: ({ signal }) => ask(PasskeyList, '/me/passkeys', { signal }),
});

export const ownAccountsQuery = queryOptions({
  queryKey: ['me', 'accounts'] as const,
  queryFn: ({ signal }) => ask(LinkedAccountList, '/me/accounts', { signal }),
});
