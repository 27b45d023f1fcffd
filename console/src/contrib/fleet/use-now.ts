'use client';
import { useEffect, useState } from 'react';
import { serverNow } from '../../api/server-clock.ts';

/** The server’s time (UTC, milliseconds), again every `everyMs`: for ages and for ranges that move on. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
