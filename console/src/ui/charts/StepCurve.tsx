'use client';
import { lazy } from 'react';
import type { StepCurveProps } from './model.ts';

const Drawing = lazy(() => import('./StepCurveDrawing.tsx'));

/** Staircases from 0 to 100 %. The library that draws them loads with the first chart. Stands inside of a ChartFrame. */
export function StepCurve(props: StepCurveProps) {
  return <Drawing {...props} />;
}
