/** What only this feature asks of the API. */
import { z } from 'zod';
import { ask } from '../../api/client.ts';

/** Has the indexer look for changes in Nextcloud now instead of at its next turn. */
export function reindexFolder(id: string): Promise<{ folder: string }> {
  return ask(z.object({ folder: z.string() }), `/folders/${encodeURIComponent(id)}/reindex`, { method: 'POST' });
}
