/** Two agents as rows of facts, side by side. What differs is what somebody who compares is looking for. */
import type { AgentSummary } from '../../api/schemas.ts';
import type { Format } from '../../i18n/format.ts';
import type { Translate } from '../../i18n/translate.ts';
import { stateWords } from './agent-words.ts';
import { cutName } from './display-name.ts';
import { editorMessages as messages } from './editor-messages.ts';

export interface ComparedFact {
  id: string;
  name: string;
  a: string;
  b: string;
  isSame: boolean;
}

export interface CompareContext {
  text: Translate;
  format: Format;
  officeName(id: string): string;
  folderName(id: string): string;
}

/** Every fact of both, folders included; a folder that one of them does not have is unknown there. */
export function compareAgents(a: AgentSummary, b: AgentSummary, context: CompareContext): readonly ComparedFact[] {
  const { text, format, officeName, folderName } = context;
  const fact = (id: string, name: string, of: (agent: AgentSummary) => string): ComparedFact => {
    const [left, right] = [of(a), of(b)];
    return { id, name, a: left, b: right, isSame: left === right };
  };
  const folderIds = [...new Set([...a.folders, ...b.folders].map(({ id }) => id))].sort();
  return [
    fact('hostname', text(messages.hostname), ({ hostname }) => cutName(hostname)),
    fact('state', text(messages.state), (agent) => stateWords(agent, text, format)),
    fact('office', text(messages.office), ({ officeId }) => cutName(officeName(officeId))),
    fact('version', text(messages.version), ({ version }) => cutName(version)),
    fact('system', text(messages.system), ({ platform }) => cutName(platform)),
    fact('peers', text(messages.peers), ({ peers }) => format.count(peers)),
    fact('lastSeen', text(messages.lastSeen), ({ lastSeenAtMs }) => format.dateTime(lastSeenAtMs)),
    fact('enrolled', text(messages.enrolled), ({ enrolledAtMs }) => format.dateTime(enrolledAtMs)),
    fact('addresses', text(messages.addresses), ({ addresses }) => cutName(addresses.join(', '))),
    ...folderIds.map((id) =>
      fact(`folder/${id}`, text(messages.folderNamed, { name: cutName(folderName(id)) }), (agent) =>
        folderWords(agent, id, context),
      ),
    ),
  ];
}

function folderWords({ folders }: AgentSummary, id: string, { text, format }: CompareContext): string {
  const folder = folders.find((each) => each.id === id);
  if (folder === undefined) return format.UNKNOWN;
  const state = stateWords({ state: 'online', lastSeenAtMs: null, folders: [folder] }, text, format);
  return text(messages.folderFact, {
    state,
    done: format.count(folder.filesDone),
    total: format.count(folder.filesTotal),
    seq: format.count(folder.seq),
  });
}
