'use client';
/** The section with the reader's saved filters. Enter shows the fleet through one. */
import { useQuery } from '@tanstack/react-query';
import { userStateQuery } from '../../api/queries.ts';
import { useText } from '../../i18n/I18n.tsx';
import { Empty, QueryView } from '../../ui/states.tsx';
import { Tree, type TreeNode } from '../../ui/Tree.tsx';
import { useContextKey, useWorkbench } from '../../workbench/services.tsx';
import { messages } from './messages.ts';
import { filtersIn, type SavedFilter } from './saved-filters.ts';
import { FILTER_KEY, setFilter } from './view-state.ts';
import './fleet.css';

export function SavedFiltersView() {
  const text = useText();
  const services = useWorkbench();
  const state = useQuery(userStateQuery('filters'));
  const query = useContextKey(FILTER_KEY);
  return (
    <div className="fleet-saved">
      <QueryView query={state} what={text(messages.savedFilters)}>
        {({ value }) => {
          const filters = filtersIn(value);
          if (filters.length === 0) {
            return typeof query === 'string' ? (
              <Empty
                sentence={text(messages.noSavedFilters)}
                action={{
                  label: text(messages.saveFilter),
                  run: () => void services.commands.run('harp.fleet.saveFilter'),
                }}
              />
            ) : (
              <Empty sentence={text(messages.noSavedFilters)} />
            );
          }
          return (
            <Tree<SavedFilter>
              label={text(messages.savedFilters)}
              nodes={filters.map((filter) => nodeOf(filter, filter.query === query, text(messages.deleteFilter)))}
              onOpen={({ data }) => {
                if (data !== undefined) setFilter(services, data.query);
              }}
              onContextMenu={([node], at) => services.menus.openContext('fleet/filter/context', at, node)}
            />
          );
        }}
      </QueryView>
    </div>
  );
}

function nodeOf(filter: SavedFilter, isActive: boolean, deleteTitle: string): TreeNode<SavedFilter> {
  return {
    id: filter.name,
    name: filter.name,
    icon: isActive ? 'filter-filled' : 'filter',
    description: filter.query,
    actions: [{ command: 'harp.fleet.deleteFilter', icon: 'trash', title: deleteTitle }],
    data: filter,
  };
}
