'use client';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { followLog } from '../../api/live.tsx';
import { readLog } from '../../api/queries.ts';
import type { LogBatch, LogChannelState } from '../../api/schemas.ts';
import { emptyRing, joinBatches, type LogRing, withLines } from './log-ring.ts';

/** How long batches are gathered before they are drawn, in milliseconds: ten drawings a second are as smooth as reading gets. */
const GATHER_MS = 100;

export interface FollowedLog {
  readonly ring: LogRing;
  /** Undefined until the first word of the stream. */
  readonly state: LogChannelState | undefined;
}

const nothing: FollowedLog = { ring: emptyRing, state: undefined };

/**
 * A channel's lines for as long as the caller is drawn: what there is, then what comes. An agent is kept at sending its log just as long. The first
 * reading can fail and says so; the stream after it connects again by itself.
 */
export function useLog(channel: string) {
  const first = useQuery({
    queryKey: ['logs', channel, 'first'] as const,
    queryFn: ({ signal }) => readLog(channel, undefined, signal),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  const [followed, setFollowed] = useState<FollowedLog & { channel: string }>({ ...nothing, channel });
  const page = first.data;
  useEffect(() => {
    if (page === undefined || page.channel !== channel) return;
    const start = withLines(emptyRing, page);
    setFollowed({ ring: start, state: undefined, channel });
    let waiting: LogBatch[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      const batch = joinBatches(waiting);
      waiting = [];
      if (batch !== undefined)
        setFollowed(({ ring }) => ({ ring: withLines(ring, batch), state: batch.state, channel }));
    };
    const stop = followLog(channel, Math.max(page.nextAfter, start.lastSeq), (batch) => {
      waiting.push(batch);
      timer ??= setTimeout(flush, GATHER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [channel, page]);
  return { first, followed: followed.channel === channel ? followed : nothing };
}
