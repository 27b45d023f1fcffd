'use client';
/**
 * The live link. Server-sent events bring changed agents as rows, which go straight into the query cache, and say of everything else what to ask for
 * again. A link that was cut goes on where it was; the server says what was missed.
 */
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { type AgentFleet, fleetOf, withDelta } from './agent-list.ts';
import { QuickAgentsDelta } from './agent-page.ts';
import { liveIdBeforeFirstRead } from './client.ts';
import { openEventLink } from './event-link.ts';
import { createPacedSet } from './paced-set.ts';
import { agentReadings, agentsQuery } from './queries.ts';
import { type AgentSummary, type AgentsDelta, LogBatch, StreamChange } from './schemas.ts';

/** `connecting` until the first word; `live`; or when the link was lost (UTC, milliseconds). */
export type LiveState = { kind: 'connecting' } | { kind: 'live' } | { kind: 'lost'; sinceMs: number };

/** What changes all the time is asked for again this often at most. */
const REFRESH_EVERY_MS = 1000;

const LiveContext = createContext<LiveState>({ kind: 'connecting' });

/** How fresh what is on the screen is. */
export function useLive(): LiveState {
  return useContext(LiveContext);
}

/** Every agent of the fleet, by id and in order; grows old with the live link only. Draws the caller again at every change: at most four a second. */
export function useAgents(): AgentFleet {
  return fleetOf(useQuery(agentsQuery).data);
}

/** One agent; undefined while the fleet is being read, and when there is none of this id. Draws the caller again when this agent changes. */
export function useAgent(id: string): AgentSummary | undefined {
  return useQuery({ ...agentsQuery, select: (list) => fleetOf(list).byId.get(id) }).data;
}

/** Keeps the link open while mounted, below whoever asks `useLive`. A key of the stream is the first element of the query keys it makes old. */
export function LiveUpdates({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>({ kind: 'connecting' });
  useEffect(() => {
    const since = liveIdBeforeFirstRead();
    const stale = createPacedSet<string>(REFRESH_EVERY_MS, (keys) => {
      void client.invalidateQueries({ predicate: ({ queryKey }) => keys.has(String(queryKey[0])) });
    });
    const staleAgents = createPacedSet<string>(REFRESH_EVERY_MS, (ids) => {
      void client.invalidateQueries({
        predicate: ({ queryKey: [kind, id] }) => kind === 'agents' && typeof id === 'string' && ids.has(id),
      });
    });
    const close = openEventLink({
      address: (lastId = since) =>
        `/api/v1/stream${lastId === undefined ? '' : `?${new URLSearchParams({ since: lastId })}`}`,
      events: {
        change(data) {
          const change = StreamChange.safeParse(parseJson(data));
          if (change.success) stale.add(change.data.keys);
        },
        agents(data) {
          const delta = QuickAgentsDelta.safeParse(parseJson(data));
          if (!delta.success) return stale.add(['agents']);
          putAgents(client, delta.data);
          staleAgents.add([...delta.data.changed.map(({ id }) => id), ...delta.data.removed]);
        },
      },
      onOpen: () => setState({ kind: 'live' }),
      onLost(refused) {
        setState((before) => (before.kind === 'lost' ? before : { kind: 'lost', sinceMs: Date.now() }));
        // Perhaps the session has ended: who is asked about it says so.
        if (refused) stale.add(['session']);
      },
    });
    return () => {
      close();
      stale.stop();
      staleAgents.stop();
    };
  }, [client]);
  return <LiveContext value={state}>{children}</LiveContext>;
}

/** Puts a delta over the agents in the cache, and over those that are being read. */
function putAgents(client: QueryClient, delta: AgentsDelta): void {
  agentReadings.note(delta);
  client.setQueryData(agentsQuery.queryKey, (list) => (list === undefined ? undefined : withDelta(list, delta)));
}

/**
 * Follows a log channel: lines after `after` first, then every new one. `gap` says that lines between have left the server's
 * ring unread. Connects again by itself; each line comes once.
 *
 * @returns ends it
 */
export function followLog(channel: string, after: number, onBatch: (batch: LogBatch) => void): () => void {
  return openEventLink({
    address: (lastId = String(after)) =>
      `/api/v1/logs/${encodeURIComponent(channel)}/stream?${new URLSearchParams({ after: lastId })}`,
    events: {
      log(data) {
        const batch = LogBatch.safeParse(parseJson(data));
        if (batch.success) onBatch(batch.data);
      },
    },
  });
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
