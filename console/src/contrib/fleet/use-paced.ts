'use client';
import { useEffect, useRef, useState } from 'react';

/** The value, but another one at most every `everyMs`: the newest is shown in the end. */
export function usePaced<T>(value: T, everyMs: number): T {
  const [shown, setShown] = useState(value);
  const shownAtMs = useRef(0);
  useEffect(() => {
    if (value === shown) return;
    const show = () => {
      shownAtMs.current = Date.now();
      setShown(value);
    };
    const waitMs = shownAtMs.current + everyMs - Date.now();
    if (waitMs <= 0) return show();
    const timer = setTimeout(show, Math.min(waitMs, everyMs));
    return () => clearTimeout(timer);
  }, [value, shown, everyMs]);
  return shown;
}
