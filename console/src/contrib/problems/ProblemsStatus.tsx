'use client';
import { useQuery } from '@tanstack/react-query';
import { problemsQuery } from '../../api/queries.ts';
import { useFormat, useText } from '../../i18n/I18n.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { useWorkbench } from '../../workbench/services.tsx';
import { PROBLEMS_PANEL } from './keys.ts';
import { problemsText } from './messages.ts';

/** Errors and warnings in the status bar; a click shows them. */
export function ProblemsStatus() {
  const text = useText();
  const format = useFormat();
  const { layout } = useWorkbench();
  const { data } = useQuery(problemsQuery);
  const words =
    data === undefined
      ? text(problemsText.unknownCounts)
      : text(problemsText.counts, { errors: data.errors, warnings: data.warnings });
  return (
    <button type="button" title={words} aria-label={words} onClick={() => layout.showPanel(PROBLEMS_PANEL)}>
      <Icon name="error" />
      <span>{format.count(data?.errors)}</span>
      <Icon name="warning" />
      <span>{format.count(data?.warnings)}</span>
    </button>
  );
}

/** What the panel's tab counts: errors and warnings. */
export function useProblemsBadge(): number | undefined {
  const { data } = useQuery(problemsQuery);
  return data === undefined ? undefined : data.errors + data.warnings;
}
