/** Keeping filters and giving them up. The server keeps them; the page shows what the server has. */
import type { QueryClient } from '@tanstack/react-query';
import { storeUserState, userStateQuery } from '../../api/queries.ts';
import type { WorkbenchServices } from '../../workbench/model.ts';
import type { FleetAccess } from './fleet-access.ts';
import { messages } from './messages.ts';
import { filtersIn, MAX_FILTERS, nameProblem, type SavedFilter, withFilter, withFilters } from './saved-filters.ts';

/** Asks for a name and saves the query under it. A filter of the same name is replaced. */
export async function saveFilter(services: WorkbenchServices, access: FleetAccess, query: string): Promise<void> {
  const { quickInput, notifications, text } = services;
  if (query === '') return;
  const name = await quickInput.ask({
    title: text(messages.saveFilterTitle, { query: query.slice(0, 60) }),
    placeholder: text(messages.saveFilterName),
    validate: (value) => {
      const problem = nameProblem(value);
      return problem === undefined ? undefined : text(problem === 'empty' ? messages.nameNeeded : messages.nameTooLong);
    },
  });
  if (name === undefined) return;
  await change(services, access, (filters) => {
    const next = withFilter(filters, { name: name.trim(), query: query.slice(0, 500) });
    if (next.length <= MAX_FILTERS) return next;
    notifications.show({
      severity: 'warning',
      source: text(messages.fleet),
      message: text(messages.tooManyFilters),
      key: 'fleet.filters',
    });
    return filters;
  });
}

/** Gives up the filter whose row is the argument. */
export async function deleteFilter(services: WorkbenchServices, access: FleetAccess, argument: unknown): Promise<void> {
  const [row] = Array.isArray(argument) ? (argument as unknown[]) : [argument];
  const name = (row as { data?: { name?: unknown } } | undefined)?.data?.name;
  if (typeof name === 'string')
    await change(services, access, (filters) => filters.filter((each) => each.name !== name));
}

async function change(
  { notifications, text }: WorkbenchServices,
  { client }: FleetAccess,
  to: (filters: readonly SavedFilter[]) => readonly SavedFilter[],
): Promise<void> {
  if (client === undefined) return;
  try {
    const stored = await currentState(client);
    const before = filtersIn(stored);
    const after = to(before);
    if (after === before) return;
    client.setQueryData(
      userStateQuery('filters').queryKey,
      await storeUserState('filters', withFilters(stored, after)),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    notifications.show({
      severity: 'error',
      source: text(messages.fleet),
      message: text(messages.filterNotSaved, { reason }),
      key: 'fleet.filters',
    });
  }
}

/** What the server has now: another window may have saved something since. */
async function currentState(client: QueryClient): Promise<unknown> {
  const { value } = await client.fetchQuery({ ...userStateQuery('filters'), staleTime: 0 });
  return value;
}
