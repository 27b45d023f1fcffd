'use client';
/** The states every view has: loading, error, empty. A view shows data, or exactly one of these. */
import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useEffect, useState } from 'react';
import { ApiError } from '../api/client.ts';

/** Shows `children` with the query's data, or what is to be said instead. While old data is shown, a failed refresh does not hide it. */
export function QueryView<T>({
  query,
  what,
  children,
}: {
  query: UseQueryResult<T>;
  what: string;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isError ? <RefreshFailed query={query} what={what} /> : null}
        {children(query.data)}
      </>
    );
  }
  if (query.isError) return <ErrorNotice error={query.error} what={what} retry={() => void query.refetch()} />;
  return <Loading what={what} />;
}

/** Nothing for 200 ms, then a progress line and skeleton rows. Never looks empty. */
function Loading({ what }: { what: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), 200);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div role="status" aria-label={`Loading ${what}`}>
      {late ? (
        <>
          <div className="progress-line" />
          {[60, 80, 45].map((width) => (
            <div key={width} className="skeleton" style={{ width: `${width}%` }} />
          ))}
        </>
      ) : null}
    </div>
  );
}

function RefreshFailed<T>({ query, what }: { query: UseQueryResult<T>; what: string }) {
  return (
    <div className="notice" role="status">
      <span className="state warning">
        <i className="codicon codicon-warning" aria-hidden="true" />
        {what} could not be refreshed; what you see may be old.
        <button type="button" className="link-button" onClick={() => void query.refetch()}>
          Try again
        </button>
      </span>
    </div>
  );
}

/** What failed, why, what to do. */
export function ErrorNotice({ error, what, retry }: { error: unknown; what: string; retry?: () => void }) {
  const message = error instanceof Error ? error.message : 'Something unexpected happened.';
  const requestId = error instanceof ApiError ? error.requestId : undefined;
  return (
    <div className="notice" role="alert">
      <span className="state error">
        <i className="codicon codicon-error" aria-hidden="true" />
        {what} cannot be shown
      </span>
      <span>{message}</span>
      {requestId === undefined ? null : <span className="muted code">Request {requestId}</span>}
      {retry === undefined ? null : (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** One sentence and how to begin. */
export function Empty({ sentence, command }: { sentence: string; command?: string }) {
  return (
    <div className="notice">
      <span>{sentence}</span>
      {command === undefined ? null : <pre className="code">{command}</pre>}
    </div>
  );
}
