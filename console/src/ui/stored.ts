'use client';
/** Small choices of one browser (what is expanded, how wide a column is), kept beyond the page. Losing them costs nothing. */
import { useCallback, useState } from 'react';
import type { z } from 'zod';

/** A value kept under `key`; only in memory without one. What is stored and not of the schema's form is ignored. */
export function useStored<T>(
  key: string | undefined,
  schema: z.ZodType<T>,
  initial: T,
): readonly [T, (next: T) => void] {
  const [value, setValue] = useState<T>(() => (key === undefined ? initial : (read(key, schema) ?? initial)));
  const store = useCallback(
    (next: T) => {
      setValue(next);
      if (key !== undefined) write(key, next);
    },
    [key],
  );
  return [value, store];
}

function read<T>(key: string, schema: z.ZodType<T>): T | undefined {
  if (typeof window === 'undefined') return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(window.localStorage.getItem(`harp.${key}`) ?? 'null'));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Storage may be forbidden or hold something else: then it is as if nothing had been stored.
    return undefined;
  }
}

function write(key: string, value: unknown): void {
  try {
    window.localStorage.setItem(`harp.${key}`, JSON.stringify(value));
  } catch {
    // Storage may be full or forbidden: the choice holds until the page is closed.
  }
}
