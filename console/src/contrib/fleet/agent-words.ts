/** An agent's state in words. */
import type { Format } from '../../i18n/format.ts';
import type { Translate } from '../../i18n/translate.ts';
import { conditionOf, conditions, type Seen, totalsOf } from './agent-state.ts';
import { messages } from './messages.ts';
import { reasonWords } from './reasons.ts';

/** The state in words, with its reason or how far it is. */
export function stateWords(agent: Seen, text: Translate, format: Format): string {
  const id = conditionOf(agent);
  if (id === 'blocked') {
    const reason = agent.folders.find(({ state }) => state === 'blocked')?.reason ?? null;
    return text(messages.blockedBecause, { reason: reasonWords(reason, text) });
  }
  if (id === 'syncing') {
    const { bytesDone, bytesTotal } = totalsOf(agent.folders);
    return text(messages.syncingShare, { share: format.share(bytesDone, bytesTotal) });
  }
  return text(conditions[id].name);
}
