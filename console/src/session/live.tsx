'use client';
/** The live link: server-sent events say which data changed; React Query asks for it again. */
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { StreamChange } from '../api/schemas.ts';

/** `connecting` until the first word; `live`; or when the link was lost (UTC, milliseconds). */
export type LiveState = { kind: 'connecting' } | { kind: 'live' } | { kind: 'lost'; sinceMs: number };

const LiveContext = createContext<LiveState>({ kind: 'connecting' });

/** How fresh what is on the screen is. */
export function useLiveState(): LiveState {
  return useContext(LiveContext);
}

/** Keeps the link open while mounted. A key of the stream is the first element of the query keys it makes old. */
export function LiveUpdates({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>({ kind: 'connecting' });
  useEffect(() => {
    const source = new EventSource('/api/v1/stream');
    source.addEventListener('open', () => {
      setState({ kind: 'live' });
      // whatever changed while the link was away went unheard
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
    });
    source.addEventListener('change', (event) => {
      const change = StreamChange.safeParse(parseJson(event.data));
      if (!change.success) return;
      const keys = new Set<unknown>(change.data.keys);
      void client.invalidateQueries({ predicate: ({ queryKey }) => keys.has(queryKey[0]) });
    });
    source.addEventListener('error', () => {
      setState((before) => (before.kind === 'lost' ? before : { kind: 'lost', sinceMs: Date.now() }));
    });
    return () => source.close();
  }, [client]);
  return <LiveContext value={state}>{children}</LiveContext>;
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
