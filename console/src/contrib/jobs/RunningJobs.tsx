'use client';
import type { Job } from '../../api/schemas.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { runningWords } from './describe.ts';
import { JOBS_PANEL } from './keys.ts';

/** What runs now, in words; a click shows it. The icon turns unless the reader wants less motion. */
export function RunningJobs({ jobs }: { jobs: readonly Job[] }) {
  const text = useText();
  const format = useFormat();
  const { layout } = useWorkbench();
  const words = runningWords(jobs, text, format);
  if (words === undefined) return null;
  return (
    <button type="button" title={words.title} onClick={() => layout.showPanel(JOBS_PANEL)}>
      <Icon name="sync" spin />
      <bdi>{words.short}</bdi>
    </button>
  );
}
