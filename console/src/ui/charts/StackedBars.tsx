'use client';
import { lazy } from 'react';
import type { StackedBarsProps } from './model.ts';

const Drawing = lazy(() => import('./StackedBarsDrawing.tsx'));

/** Bars by slot, stacked. The library that draws them loads with the first chart. Stands inside of a ChartFrame. */
export function StackedBars(props: StackedBarsProps) {
  return <Drawing {...props} />;
}
