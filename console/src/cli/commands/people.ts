/** `harp token …` and `harp agent …`: who may enrol, and who has. */

import type { TokenWish } from '../../api/schemas.ts';
import { didYouMean } from '../../api/suggest.ts';
import type { ApiClient } from '../api-client.ts';
import { CliFailure } from '../failure.ts';
import type { CliPorts } from '../ports.ts';
import { ageInWords, instantInWords } from '../quantities.ts';
import { tableLines } from '../table.ts';

/** Makes a token. Standard output is the token alone, so that a script can take it as it is. */
export async function createToken(
  client: ApiClient,
  { json, ...request }: TokenWish & { json: boolean },
  { out, err }: CliPorts,
): Promise<void> {
  const created = await client.createToken(request);
  if (json) {
    out(`${JSON.stringify(created)}\n`);
    return;
  }
  const uses = created.uses === 1 ? 'one PC' : `${created.uses} PCs`;
  err(
    `Token ${created.id} for ${uses}${created.office === null ? '' : ` of ${created.office}`}, until ${instantInWords(created.expiresAtMs)} UTC. It is shown once.\n`,
  );
  err('On the PC: harp-agent enrol --token TOKEN --state DIR\n');
  out(`${created.token}\n`);
}

export async function listTokens(client: ApiClient, { json }: { json: boolean }, { out }: CliPorts): Promise<void> {
  const tokens = await client.tokens();
  if (json) out(`${JSON.stringify({ tokens })}\n`);
  else if (tokens.length === 0) out('No tokens.\n');
  else
    out(
      `${tableLines(
        ['ID', 'NAME', 'OFFICE', 'USED', 'APPROVAL', 'STATE', 'EXPIRES (UTC)'],
        tokens.map(({ id, name, office, used, uses, approval, state, expiresAtMs }) => [
          id,
          name === '' ? '—' : name,
          office ?? 'by network',
          `${used}/${uses}`,
          approval,
          state,
          instantInWords(expiresAtMs),
        ]),
      ).join('\n')}\n`,
    );
}

export async function revokeToken(
  client: ApiClient,
  { id, json }: { id: string; json: boolean },
  { out }: CliPorts,
): Promise<void> {
  const revoked = await client.revokeToken(id);
  out(json ? `${JSON.stringify(revoked)}\n` : `Token ${id} is revoked. Agents it has enrolled stay.\n`);
}

export async function listAgents(
  client: ApiClient,
  { office, json }: { office: string | undefined; json: boolean },
  { out, nowMs }: CliPorts,
): Promise<void> {
  const offices = await client.offices();
  const names = new Map(offices.map(({ id, name }) => [id, name]));
  const wanted = office === undefined ? undefined : offices.find(({ id, name }) => name === office || id === office);
  if (office !== undefined && wanted === undefined)
    throw new CliFailure('api.not_found', [
      `no office is called "${office}"${didYouMean(office, [...names.values()])}`,
    ]);
  const agents = await client.agents(wanted?.id);
  if (json) out(`${JSON.stringify({ agents })}\n`);
  else if (agents.length === 0) out('No agents.\n');
  else
    out(
      `${tableLines(
        ['ID', 'HOST', 'OFFICE', 'STATE', 'LAST SEEN', 'VERSION', 'PEERS', 'FOLDERS'],
        agents.map((agent) => [
          agent.id,
          agent.hostname,
          names.get(agent.officeId) ?? agent.officeId,
          agent.state,
          ageInWords(agent.lastSeenAtMs, nowMs()),
          agent.version,
          agent.peers ?? '—',
          agent.folders.map(({ state, reason }) => reason ?? state).join(', ') || '—',
        ]),
      ).join('\n')}\n`,
    );
}

/** Revokes an agent by its id, or by as much of its beginning as is unique. */
export async function revokeAgent(
  client: ApiClient,
  { id, json }: { id: string; json: boolean },
  { out }: CliPorts,
): Promise<void> {
  const revoked = await client.revokeAgent(id.length === 52 ? id : await wholeId(client, id));
  out(json ? `${JSON.stringify(revoked)}\n` : `Agent ${revoked.hostname} (${revoked.id}) is revoked.\n`);
}

/** Shorter beginnings are too easily mistyped into another agent's. */
const MIN_PREFIX = 8;

async function wholeId(client: ApiClient, prefix: string): Promise<string> {
  const matching = prefix.length < MIN_PREFIX ? [] : (await client.agents()).filter(({ id }) => id.startsWith(prefix));
  const [only, second] = matching;
  if (only !== undefined && second === undefined) return only.id;
  const why = second === undefined ? 'no agent has the id' : 'several agents have ids that begin with';
  throw new CliFailure('api.not_found', [`${why} ${prefix}; give ${MIN_PREFIX} characters or more (harp agent list)`]);
}

export async function listPeople(
  client: ApiClient,
  { json }: { json: boolean },
  { out, nowMs }: CliPorts,
): Promise<void> {
  const people = await client.people();
  if (json) out(`${JSON.stringify({ people })}\n`);
  else
    out(
      `${tableLines(
        ['ID', 'NAME', 'ROLES', 'STATE', 'SESSIONS'],
        people.map(({ id, name, grants, active, lockedUntilMs, sessions }) => [
          id,
          name,
          [...new Set(grants.map(({ role }) => role))].join(', ') || '—',
          lockedUntilMs === null
            ? active
              ? 'active'
              : 'invited'
            : `locked for ${Math.ceil((lockedUntilMs - nowMs()) / 60_000)} min`,
          String(sessions),
        ]),
      ).join('\n')}\n`,
    );
}

/** Lets a person try their password again at once, after too many failed tries. */
export async function unlockPerson(
  client: ApiClient,
  { name, json }: { name: string; json: boolean },
  { out }: CliPorts,
): Promise<void> {
  const people = await client.people();
  const found = people.find((person) => person.name === name || person.id === name);
  if (found === undefined)
    throw new CliFailure('api.not_found', [
      `nobody is called "${name}"${didYouMean(
        name,
        people.map((person) => person.name),
      )}`,
    ]);
  const person = await client.unlockPerson(found.id);
  if (json) out(`${JSON.stringify(person)}\n`);
  else out(found.lockedUntilMs === null ? `${person.name} was not locked.\n` : `${person.name} may sign in again.\n`);
}
