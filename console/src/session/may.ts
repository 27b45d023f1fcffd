/** What the reader may do, as `when` conditions and components see it. The server decides; here it is only hidden what it would refuse. */
import type { Action } from '../api/access-rules.ts';
import { useWhen } from '../workbench/commands/context-keys.ts';
import { useWorkbench } from '../workbench/services.tsx';

/** The condition that holds for those who may do something, somewhere at least. */
export function mayKey(action: Action): string {
  return `may.${action}`;
}

/** All of a person's rights as facts, for the workbench that is theirs. */
export function mayFacts(allowed: readonly Action[]): Record<string, true> {
  return Object.fromEntries(allowed.map((action) => [mayKey(action), true]));
}

/** Whether the reader may do something. */
export function useMay(action: Action): boolean {
  return useWhen(useWorkbench().context, mayKey(action));
}
