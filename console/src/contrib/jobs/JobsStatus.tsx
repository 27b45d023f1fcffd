'use client';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { jobsQuery } from '../../api/queries.ts';

const RunningJobs = lazy(() => import('./RunningJobs.tsx').then((module) => ({ default: module.RunningJobs })));

/** What runs now, in the status bar; nothing while nothing runs. */
export function JobsStatus() {
  const { data } = useQuery(jobsQuery);
  const running = data?.jobs.filter(({ state }) => state === 'running') ?? [];
  if (running.length === 0) return null;
  return (
    <Suspense fallback={null}>
      <RunningJobs jobs={running} />
    </Suspense>
  );
}

/** What the panel's tab counts: running jobs. */
export function useJobsBadge(): number | undefined {
  return useQuery(jobsQuery).data?.jobs.filter(({ state }) => state === 'running').length;
}
