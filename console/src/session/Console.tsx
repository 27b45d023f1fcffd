'use client';
/** The whole page: who is there decides between set-up, sign-in and the workbench. */
import { QueryCache, QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, use, useEffect, useState } from 'react';
import { ApiError, ask } from '../api/client.ts';
import { LiveUpdates, useLive } from '../api/live.tsx';
import { storeServerSettings, storeUserState } from '../api/queries.ts';
import { ServerSettings, type SessionInfo, UserState } from '../api/schemas.ts';
import { serverNow } from '../api/server-clock.ts';
import { contributions } from '../contrib/index.ts';
import { browserLocale, I18nProvider, useText } from '../i18n/I18n.tsx';
import { isSpoken, learn } from '../i18n/languages.ts';
import type { Locale } from '../i18n/translate.ts';
import { ErrorNotice, Loading } from '../ui/states.tsx';
import type { ShellOptions } from '../workbench/create-shell.ts';
import { FailureBoundary } from '../workbench/Failure.tsx';
import { laterLayout } from '../workbench/layout/layout-state.ts';
import type { ServerSettingsPort, StatePort } from '../workbench/state-port.ts';
import { Workbench } from '../workbench/Workbench.tsx';
import { mayFacts } from './may.ts';
import { sessionText } from './messages.ts';
import { sessionQuery } from './queries.ts';
import { openUserState } from './user-state.ts';

// Who is signed in, as nearly everybody who comes is, needs none of the forms.
const SetupForm = lazy(() => import('./SignIn.tsx').then((module) => ({ default: module.SetupForm })));
const ProviderReturn = lazy(() => import('./OtherWays.tsx').then((module) => ({ default: module.ProviderReturn })));
const SignInForm = lazy(() => import('./SignIn.tsx').then((module) => ({ default: module.SignInForm })));

type SessionUser = NonNullable<SessionInfo['user']>;

type CreateDock = ShellOptions['createDock'];

/** Where a provider sends people back to, as the server tells it. */
const RETURN_PATH = /^\/sign-in\/back\/([a-z0-9-]{1,30})$/;

const loadDock = () => import('../workbench/editors/dock.ts');

/** `languages`: what the reader speaks, the best first, as the browser told the server; what is said before anybody signs in is in one of them. */
export function Console({ languages }: { languages: readonly string[] }) {
  const [client] = useState(createClient);
  return (
    <QueryClientProvider client={client}>
      <Suspense fallback={null}>
        <Spoken locale={browserLocale(languages)} />
      </Suspense>
    </QueryClientProvider>
  );
}

/** What the server wrote is in the reader's language: it is taken over once the page has that language too. */
function Spoken({ locale }: { locale: Locale }) {
  if (!isSpoken(locale)) use(learn(locale));
  return (
    <I18nProvider locale={locale}>
      <Gate />
    </I18nProvider>
  );
}

function createClient(): QueryClient {
  const isRefusal = (error: unknown) => error instanceof ApiError && error.status >= 400 && error.status < 500;
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError(error, { queryKey }) {
        // The session ended elsewhere or by age: whoever asked next learned it first.
        if (error instanceof ApiError && error.status === 401 && queryKey[0] !== sessionQuery.queryKey[0]) {
          void client.invalidateQueries(sessionQuery);
        }
      },
    }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < 2 && !isRefusal(error),
        refetchOnWindowFocus: true,
      },
    },
  });
  return client;
}

function Gate() {
  const session = useQuery(sessionQuery);
  const text = useText();
  const [wasIn, setWasIn] = useState(false);
  const [provider, setProvider] = useState<string | null>();
  useEffect(() => {
    // While the server says who this is. What goes wrong is said when it is needed.
    loadDock().catch(() => undefined);
  }, []);
  const user = session.data?.user ?? null;
  if (user !== null && !wasIn) setWasIn(true);
  if (session.data === undefined) {
    return session.isError ? (
      <div className="gate">
        <ErrorNotice error={session.error} what={text(sessionText.console)} retry={() => void session.refetch()} />
      </div>
    ) : (
      <Loading what={text(sessionText.console)} />
    );
  }
  // Looked at once: the address changes while the sign-in is finished.
  if (provider === undefined) {
    setProvider(RETURN_PATH.exec(window.location.pathname)?.[1] ?? null);
    return null;
  }
  if (provider !== null) {
    return (
      <FailureBoundary instead={(error) => <NotLoaded error={error} />}>
        <Suspense fallback={null}>
          <ProviderReturn provider={provider} done={() => setProvider(null)} />
        </Suspense>
      </FailureBoundary>
    );
  }
  if (session.data.setupNeeded || user === null) {
    return (
      <FailureBoundary instead={(error) => <NotLoaded error={error} />}>
        <Suspense fallback={null}>
          {session.data.setupNeeded ? <SetupForm /> : <SignInForm hint={wasIn ? text(sessionText.ended) : undefined} />}
        </Suspense>
      </FailureBoundary>
    );
  }
  return (
    <LiveUpdates>
      <UserWorkbench key={`${user.name} ${user.may.join(' ')}`} userName={user.name} user={user} />
    </LiveUpdates>
  );
}

/** Instead of a part of the page that cannot be loaded any more: another version of the console was installed meanwhile. */
function NotLoaded({ error }: { error: unknown }) {
  const text = useText();
  return (
    <div className="gate">
      <ErrorNotice error={error} what={text(sessionText.console)} retry={() => window.location.reload()} />
    </div>
  );
}

function UserWorkbench({ userName, user }: { userName: string; user: SessionUser }) {
  const [opened, setOpened] = useState<{ state: StatePort; createDock: CreateDock }>();
  const [failure, setFailure] = useState<unknown>();
  const live = useLive();
  useEffect(() => {
    let isGone = false;
    void Promise.all([openStateOf(userName), loadDock()]).then(
      ([state, { createDock }]) => {
        if (!isGone) setOpened({ state, createDock });
      },
      (error: unknown) => {
        if (!isGone) setFailure(error);
      },
    );
    return () => {
      isGone = true;
    };
  }, [userName]);
  if (failure !== undefined) return <NotLoaded error={failure} />;
  if (opened === undefined) return null;
  return (
    <Workbench
      contributions={contributions}
      userName={userName}
      state={opened.state}
      createDock={opened.createDock}
      serverSettings={serverSettingsOf(user)}
      facts={mayFacts(user.may)}
      now={serverNow}
      live={{ state: live.kind, sinceMs: live.kind === 'lost' ? live.sinceMs : undefined }}
    />
  );
}

function openStateOf(userName: string): Promise<StatePort> {
  return openUserState({
    userName,
    storage: browserStorage(),
    ask: async (key) => (await ask(UserState, `/me/state/${key}`)).value,
    store: storeUserState,
    choose: (key, local, remote) => (key === 'layout' ? laterLayout(local, remote) : remote),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
  });
}

function serverSettingsOf({ may }: SessionUser): ServerSettingsPort {
  return {
    canWrite: may.includes('settings.write'),
    load: async () => (await ask(ServerSettings, '/server/settings')).settings,
    save: async (values) => void (await storeServerSettings({ ...values })),
  };
}

function browserStorage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
