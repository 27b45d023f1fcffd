/**
 * The rights of a whole fleet as the ACL file of a broker that others run (the format is Mosquitto's), derived from the message catalogue as acl.ts is.
 * A user is the common name of a certificate: an agent's id, or the name of a service. What an agent has of its own are patterns, because Mosquitto
 * reads a file with work that grows with its lines times its users; a section of its own has who may hear of folders, and who was shut out.
 */
import { type AgentId, type FolderId, filterFor, type MessageName, messages, type Role } from '../protocol/index.ts';
import { commonNameFor } from '../protocol/node/index.ts';
import { reads, writes } from './acl.ts';

/** Who is in the fleet: what the registry knows, all of it at one instant. */
export interface FleetRights {
  /** Agents that are enrolled and not revoked, each with the folders of its office. */
  readonly agents: ReadonlyMap<AgentId, ReadonlySet<FolderId>>;
  readonly revoked: ReadonlySet<AgentId>;
}

/** Where the server hears itself to know which rights the broker goes by: `{digest}` is that of the file. No message of the catalogue. */
export const RIGHTS_TOPIC = 'harp/v1/rights/{digest}';

/** The service that asks. */
export const RIGHTS_SERVICE = 'broker';

const names = Object.keys(messages) as MessageName[];
const services: readonly Exclude<Role, 'agent'>[] = ['console', 'ingest'];

/** The file without the server's own probe: equal texts are equal rights. The order of agents and folders says nothing and is kept stable. */
export function aclLines({ agents, revoked }: FleetRights): string {
  const sections = services.map((role) =>
    section(
      commonNameFor.service(role),
      names.flatMap((name) => line('topic', role, name, filterFor(messages[name].topic))),
    ),
  );
  sections.push(
    `# What every agent has of its own. %u is the user.\n`,
    names
      .filter((name) => name !== 'head')
      .flatMap((name) => line('pattern', 'agent', name, messages[name].topic.replace('{agentId}', '%u')))
      .join(''),
  );
  for (const agent of [...agents.keys()].sort()) {
    const folders = [...agents.get(agent)!].sort();
    const heads = folders.flatMap((id) =>
      line('topic', 'agent', 'head', messages.head.topic.replace('{folderId}', id)),
    );
    if (heads.length > 0) sections.push(section(commonNameFor.agent(agent), heads));
  }
  // Looked at before anything that allows.
  for (const agent of [...revoked].sort()) sections.push(section(commonNameFor.agent(agent), ['topic deny #\n']));
  return sections.join('');
}

/** The whole file. `digest` names this version of it. */
export function aclFile(lines: string, digest: string): string {
  const head = [
    '# Written by Harp from its message catalogue and its fleet; written anew when either changes, so changes made here are lost.',
    '# A user is the common name of a client certificate. What nothing here allows is refused.',
  ];
  const probe = section(commonNameFor.service(RIGHTS_SERVICE), [
    `topic readwrite ${RIGHTS_TOPIC.replace('{digest}', digest)}\n`,
  ]);
  return `${head.join('\n')}\n${probe}${lines}`;
}

function section(user: string, lines: readonly string[]): string {
  return `\nuser ${user}\n${lines.join('')}`;
}

/** Ids hold nothing that means something in a topic or in the file: they are letters, digits and a hyphen. */
function line(kind: 'topic' | 'pattern', role: Role, name: MessageName, topic: string): string[] {
  const access = [...(writes(role, name) ? ['write'] : []), ...(reads(role, name) ? ['read'] : [])];
  return access.length === 0 ? [] : [`${kind} ${access.length === 2 ? 'readwrite' : access[0]} ${topic}\n`];
}
