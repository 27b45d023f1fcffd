'use client';
/** The whole page: who is there decides between set-up, sign-in and the workbench. */
import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';
import { ApiError, ask } from '../api/client.ts';
import { contributions } from '../contrib/index.ts';
import { ErrorNotice } from '../ui/states.tsx';
import { Workbench } from '../workbench/Workbench.tsx';
import { LiveUpdates } from './live.tsx';
import { sessionQuery } from './queries.ts';
import { SetupForm, SignInForm } from './SignIn.tsx';

export function Console() {
  const [client] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            retry: (failures, error) =>
              failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
            refetchOnWindowFocus: true,
          },
        },
      }),
  );
  return (
    <QueryClientProvider client={client}>
      <Gate />
    </QueryClientProvider>
  );
}

function Gate() {
  const session = useQuery(sessionQuery);
  const client = useQueryClient();
  if (session.data === undefined) {
    return session.isError ? (
      <div className="gate">
        <ErrorNotice error={session.error} what="The console" retry={() => void session.refetch()} />
      </div>
    ) : null;
  }
  if (session.data.setupNeeded) return <SetupForm />;
  if (session.data.user === null) return <SignInForm />;
  const signOut = async () => {
    await ask(z.unknown(), '/session', { method: 'DELETE' });
    client.clear();
    await client.invalidateQueries(sessionQuery);
    window.location.reload();
  };
  return (
    <LiveUpdates>
      <Workbench
        contributions={contributions}
        account={
          <button
            type="button"
            className="icon-button"
            title={`Sign out ${session.data.user.name}`}
            aria-label={`Sign out ${session.data.user.name}`}
            onClick={() => void signOut()}
          >
            <i className="codicon codicon-sign-out" aria-hidden="true" />
          </button>
        }
      />
    </LiveUpdates>
  );
}
