'use client';
import { lazy } from 'react';
import type { TimeLinesProps } from './model.ts';

const Drawing = lazy(() => import('./TimeLinesDrawing.tsx'));

/** Lines over time, for long or live series. The library that draws them loads with the first chart. Stands inside of a ChartFrame. */
export function TimeLines(props: TimeLinesProps) {
  return <Drawing {...props} />;
}
