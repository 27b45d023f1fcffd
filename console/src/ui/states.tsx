'use client';
/** The states that every view has. A view shows data, or exactly one of these; what is old stays and says so. */
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { useFormat, useText } from '../i18n/I18n.tsx';
import { Button, LinkButton } from './Button.tsx';
import { useUiHost } from './host.tsx';
import { messages } from './messages.ts';
import { State } from './State.tsx';

export { State, type StateProps, toneIcons, Unknown } from './State.tsx';

/** How long nothing is shown before something is said to be loading, in milliseconds: what is quick should not flicker. */
const QUIET_MS = 200;

/** The part of a query's result that a view shows. */
export type ShownQuery<T> = Pick<UseQueryResult<T>, 'data' | 'isError' | 'error' | 'refetch'>;

export interface QueryViewProps<T> {
  query: ShownQuery<T>;
  /** What is shown, in words: begins a sentence. */
  what: string;
  children: (data: T) => ReactNode;
}

/** Shows `children` with the query's data, or what is to be said instead. While old data is shown, a failed refresh does not hide it. */
export function QueryView<T>({ query, what, children }: QueryViewProps<T>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isError ? <RefreshFailed what={what} retry={() => void query.refetch()} /> : null}
        {children(query.data)}
      </>
    );
  }
  if (!query.isError) return <Loading what={what} />;
  if (query.error instanceof ApiError && query.error.status === 403) return <Forbidden what={what} />;
  return <ErrorNotice error={query.error} what={what} retry={() => void query.refetch()} />;
}

export interface TogetherProps {
  queries: readonly Pick<UseQueryResult, 'isPending'>[];
  /** What is shown, in words: begins a sentence. */
  what: string;
  children: ReactNode;
}

/** Shows `children` once each of the queries was answered, or failed, for the first time: what comes later would push away what is being read. */
export function Together({ queries, what, children }: TogetherProps) {
  const [isFirst, setIsFirst] = useState(true);
  const isWaiting = isFirst && queries.some(({ isPending }) => isPending);
  // Only ever once: what is there stays, and so does the focus in it.
  if (isFirst && !isWaiting) setIsFirst(false);
  return isWaiting ? <Loading what={what} /> : children;
}

/** Nothing for 200 ms, then a line that moves and rows without words. Never looks empty. */
export function Loading({ what, rows = 3 }: { what: string; rows?: number }) {
  const text = useText();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" className="loading" aria-label={text(messages.loading, { what })}>
      {late ? (
        <>
          <div className="progress-line" />
          {Array.from({ length: rows }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows without words have nothing else
            <div key={row} className="skeleton" style={{ width: `${[60, 80, 45][row % 3]}%` }} />
          ))}
        </>
      ) : null}
    </div>
  );
}

/** What is shown is kept, and may be old. */
export function RefreshFailed({ what, retry }: { what: string; retry: () => void }) {
  const text = useText();
  return (
    <div className="notice line" role="status">
      <State tone="warning">{text(messages.refreshFailed, { what })}</State>
      <LinkButton run={retry}>{text(messages.tryAgain)}</LinkButton>
    </div>
  );
}

export interface ErrorNoticeProps {
  error: unknown;
  /** What cannot be shown, in words: begins a sentence. */
  what: string;
  retry?: () => void;
}

/** What failed, why, what to do, and how to find it in the log. */
export function ErrorNotice({ error, what, retry }: ErrorNoticeProps) {
  const text = useText();
  const host = useUiHost();
  const requestId = error instanceof ApiError ? error.requestId : undefined;
  return (
    <div className="notice" role="alert">
      <State tone="error">{text(messages.failed, { what })}</State>
      <span dir="auto">{useWhy(error)}</span>
      {requestId === undefined ? null : <span className="muted code">{text(messages.request, { id: requestId })}</span>}
      <div className="notice-actions">
        {retry === undefined ? null : <Button run={retry}>{text(messages.tryAgain)}</Button>}
        {requestId === undefined || host.showOutput === undefined ? null : (
          <LinkButton run={() => host.showOutput?.(requestId)}>{text(messages.showOutput)}</LinkButton>
        )}
      </div>
    </div>
  );
}

/** Why something failed, in the reader's language where this page knows the reason better than the server. */
function useWhy(error: unknown): string {
  const text = useText();
  if (error instanceof ApiError && error.code === 'network') return text(messages.noNetwork);
  if (error instanceof ApiError && error.code === 'unexpected')
    return error.status >= 400 ? text(messages.serverStatus, { status: error.status }) : text(messages.otherForm);
  return error instanceof Error ? error.message : text(messages.unexpected);
}

/** A way on from an empty view. */
export interface EmptyAction {
  label: string;
  run(): void;
}

export interface EmptyProps {
  /** What would stand here, in one sentence. */
  sentence: string;
  /** How to begin; one only. */
  action?: EmptyAction;
  /** Two at most. */
  links?: readonly EmptyAction[];
  /** What to type in a terminal, if that is how to begin. */
  command?: string;
}

/** There is nothing yet: one sentence and how to begin. */
export function Empty({ sentence, action, links = [], command }: EmptyProps) {
  return (
    <div className="notice">
      <span>{sentence}</span>
      {command === undefined ? null : <pre className="code">{command}</pre>}
      {action === undefined ? null : <Button run={action.run}>{action.label}</Button>}
      {links.slice(0, 2).map(({ label, run }) => (
        <LinkButton key={label} run={run}>
          {label}
        </LinkButton>
      ))}
    </div>
  );
}

export interface EmptyFilteredProps {
  /** What does not match, in one sentence. Not given: "Nothing matches" with `filter`. */
  sentence?: string;
  filter?: string;
  onClear(): void;
}

/** There is something, and the filter hides it all. */
export function EmptyFiltered({ sentence, filter = '', onClear }: EmptyFilteredProps) {
  const text = useText();
  return (
    <div className="notice" role="status">
      <span dir="auto">{sentence ?? text(messages.noMatch, { filter })}</span>
      <Button kind="secondary" run={onClear}>
        {text(messages.clearFilter)}
      </Button>
    </div>
  );
}

export interface StaleProps {
  reporting: number;
  total: number;
  /** How old the oldest of it is; not said when it is not given. */
  ageMs?: number;
}

/** Not everything that should have reported did: how much did, and how old it is. Nothing when all is there and fresh. */
export function Stale({ reporting, total, ageMs }: StaleProps) {
  const text = useText();
  const format = useFormat();
  if (reporting >= total && ageMs === undefined) return null;
  const words =
    ageMs === undefined
      ? text(messages.stale, { reporting, total })
      : text(messages.staleAge, { reporting, total, age: format.duration(ageMs) });
  return (
    <span className="chip">
      <State tone={reporting < total ? 'warning' : 'unknown'} icon={reporting < total ? 'warning' : 'history'}>
        {words}
      </State>
    </span>
  );
}

export interface ForbiddenProps {
  what: string;
  /** The role that may see it, in the reader's words. */
  neededRole?: string;
  request?: () => void;
}

/** It is there, and this reader may not see it. */
export function Forbidden({ what, neededRole, request }: ForbiddenProps) {
  const text = useText();
  return (
    <div className="notice" role="status">
      <State tone="unknown" icon="lock">
        {text(messages.forbidden, { what })}
      </State>
      <span>
        {neededRole === undefined ? text(messages.forbiddenAny) : text(messages.forbiddenRole, { role: neededRole })}
      </span>
      {request === undefined ? null : (
        <Button kind="secondary" run={request}>
          {text(messages.requestAccess)}
        </Button>
      )}
    </div>
  );
}

export interface ConflictProps {
  who: string;
  /** What they saved: `v13`. */
  version: string;
  compare(): void;
  rebase?(): void;
  discard(): void;
}

/** Two people changed the same: nothing is lost before this reader decides. */
export function Conflict({ who, version, compare, rebase, discard }: ConflictProps) {
  const text = useText();
  return (
    <div className="notice" role="alert">
      <State tone="warning" icon="git-compare">
        {text(messages.conflict, { who, version })}
      </State>
      <div className="notice-actions">
        <Button run={compare}>{text(messages.compare)}</Button>
        {rebase === undefined ? null : (
          <Button kind="secondary" run={rebase}>
            {text(messages.rebase)}
          </Button>
        )}
        <Button kind="secondary" run={discard}>
          {text(messages.discard)}
        </Button>
      </div>
    </div>
  );
}
