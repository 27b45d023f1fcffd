'use client';
import { useEffect, useState } from 'react';

/** The time (UTC, milliseconds), again every `everyMs`: for ages and for ranges that move on. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
