'use client';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
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
  const [followed, setFollowed] = useState<FollowedLog & { channel: string }>({
    ring: emptyRing,
    state: undefined,
    channel,
  });
  const page = first.data;
  const start = useMemo(
    () => (page === undefined || page.channel !== channel ? undefined : withLines(emptyRing, page)),
    [page, channel],
  );
  useEffect(() => {
    if (page === undefined || start === undefined) return;
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
  }, [channel, page, start]);
  // What was read is shown at once, not a drawing later: a log with lines never looks empty.
  const isFollowing = followed.channel === channel && followed.ring !== emptyRing;
  return { first, followed: isFollowing || start === undefined ? followed : { ring: start, state: followed.state } };
}
