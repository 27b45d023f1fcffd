'use client';
import { useQuery } from '@tanstack/react-query';
import { jobsQuery } from '../../api/queries.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { runningWords } from './describe.ts';
import { JOBS_PANEL } from './keys.ts';

/** What runs now, in the status bar; nothing while nothing runs. The icon turns unless the reader wants less motion. */
export function JobsStatus() {
  const text = useText();
  const format = useFormat();
  const { layout } = useWorkbench();
  const { data } = useQuery(jobsQuery);
  const words = runningWords(data?.jobs ?? [], text, format);
  if (words === undefined) return null;
  return (
    <button type="button" title={words.title} onClick={() => layout.showPanel(JOBS_PANEL)}>
      <Icon name="sync" spin />
      <bdi>{words.short}</bdi>
    </button>
  );
}

/** What the panel's tab counts: running jobs. */
export function useJobsBadge(): number | undefined {
  return useQuery(jobsQuery).data?.jobs.filter(({ state }) => state === 'running').length;
}
