/**
 * What the rows of the fleet tree say, in the reader's language. Hundreds of rows change several times a second, so each sentence is taken apart once
 * and filled in by joining strings: parsing and formatting ICU messages per row would take longer than everything else.
 */
import type { Format } from '../../i18n/format.ts';
import type { Message } from '../../i18n/messages.ts';
import type { Translate } from '../../i18n/translate.ts';
import { type ConditionId, conditionIds, conditionOf, conditions, totalsOf } from './agent-state.ts';
import { stateWords } from './agent-words.ts';
import { cutName } from './display-name.ts';
import type { FleetWords, GroupFacts } from './fleet-tree.ts';
import { messages } from './messages.ts';

/** A sentence whose values are plain text, ready to be filled in often. */
function sentence<K extends string>(
  message: Message,
  keys: readonly K[],
  text: Translate,
): (values: Record<K, string>) => string {
  // Private-use characters stand for the values; nobody's translation contains them.
  const marks = new Map(keys.map((key, index) => [String.fromCharCode(0xe000 + index), key]));
  const said = text(message, Object.fromEntries([...marks].map(([mark, key]) => [key, mark])));
  const parts = said.split(/([\ue000-\ue0ff])/);
  return (values) => {
    let whole = '';
    for (const part of parts) {
      const key = marks.get(part);
      whole += key === undefined ? part : values[key];
    }
    return whole;
  };
}

/** Keeps answers for as many questions as a fleet asks again and again. */
const MAX_KEPT = 5000;

function kept<Q>(answer: (question: Q) => string): (question: Q) => string {
  const answers = new Map<Q, string>();
  return (question) => {
    let known = answers.get(question);
    if (known === undefined) {
      known = answer(question);
      if (answers.size >= MAX_KEPT) answers.clear();
      answers.set(question, known);
    }
    return known;
  };
}

/** The words of one language. Made once per language and setting of units: a new object makes every row new. */
export function createFleetWords(text: Translate, format: Format): FleetWords {
  const count = kept<number>((value) => format.count(value));
  const plain = kept<ConditionId>((id) => text(conditions[id].name));
  // Whole per cents: a row that says 71 % twice is the same row.
  const percent = kept<number>((value) => format.share(value, 100));
  const syncing = kept<string>((share) => text(messages.syncingShare, { share }));
  const countedState = sentence(messages.countedState, ['count', 'state'], text);
  const counted = (index: number, number: number) =>
    countedState({ count: count(number), state: plain(conditionIds[index]!) });
  const online = sentence(messages.onlineOfTotal, ['online', 'total'], text);
  const withMore = sentence(messages.summaryWithMore, ['summary', 'more'], text);
  const lan = kept<number>((value) => text(messages.lanShare, { share: percent(value) }));
  const agentTitle = sentence(messages.agentTitle, ['name', 'state', 'version'], text);
  const groupTitle = sentence(messages.groupTitle, ['name', 'online', 'total'], text);
  const titleWithMore = sentence(messages.titleWithMore, ['title', 'more'], text);
  const noAgents = text(messages.noAgents);

  const moreOf = ({ worst, lan: share }: GroupFacts): string | undefined =>
    worst !== undefined
      ? counted(worst.index, worst.count)
      : share === undefined
        ? undefined
        : lan(wholePercent(share));

  return {
    state(agent) {
      const id = conditionOf(agent);
      if (id === 'blocked') return stateWords(agent, text, format);
      if (id !== 'syncing') return plain(id);
      const { bytesDone, bytesTotal } = totalsOf(agent.folders);
      return syncing(percent(wholePercent(bytesDone / bytesTotal)));
    },
    condition: (index) => plain(conditionIds[index]!),
    agentTitle: (name, state, version) => agentTitle({ name: cutName(name), state, version: cutName(version) }),
    summary(facts) {
      if (facts.total === 0) return noAgents;
      const summary = online({ online: count(facts.online), total: count(facts.total) });
      const more = moreOf(facts);
      return more === undefined ? summary : withMore({ summary, more });
    },
    groupTitle(name, facts) {
      const title =
        facts.total === 0
          ? withMore({ summary: cutName(name), more: noAgents })
          : groupTitle({ name: cutName(name), online: count(facts.online), total: count(facts.total) });
      const more = moreOf(facts);
      return more === undefined ? title : titleWithMore({ title, more });
    },
    noRegion: text(messages.noRegion),
    unknownOffice: text(messages.unknownOffice),
    officeActions: [{ command: 'harp.fleet.showOfficeTable', icon: 'table', title: text(messages.showOfficeTable) }],
    agentActions: [{ command: 'harp.fleet.copyId', icon: 'copy', title: text(messages.copyId) }],
  };
}

/** 1 to 99 for what is neither nothing nor all. */
function wholePercent(share: number): number {
  const whole = Math.round(share * 100);
  return share > 0 && share < 1 ? Math.min(99, Math.max(1, whole)) : whole;
}
