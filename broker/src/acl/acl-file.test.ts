/** The ACL file against the embedded broker's decisions: one table, two readings, the same answers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aclAllows } from '../../test/acl-interpreter.ts';
import { type AgentId, type FolderId, type MessageName, messages, parseTopic } from '../protocol/index.ts';
import { commonNameFor, type TlsIdentity } from '../protocol/node/index.ts';
import { type Membership, mayForward, mayPublish } from './acl.ts';
import { aclFile, aclLines, type FleetRights } from './acl-file.ts';

const agents = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(52) as AgentId);
const folders = ['a', 'b', 'c'].map((letter) => `fld-${letter.repeat(16)}` as FolderId);

/** Every agent is enrolled or revoked. */
const fleets: fc.Arbitrary<FleetRights> = fc
  .tuple(fc.subarray(agents), fc.array(fc.subarray(folders), { minLength: 4, maxLength: 4 }))
  .map(([active, held]) => ({
    agents: new Map(active.map((agent, index) => [agent, new Set(held[index])])),
    revoked: new Set(agents.filter((agent) => !active.includes(agent))),
  }));

const membershipOf = ({ agents: active }: FleetRights): Membership => ({
  isActive: (agent) => active.has(agent),
  hasFolder: (agent, folder) => active.get(agent)?.has(folder) ?? false,
});

const identities: fc.Arbitrary<TlsIdentity> = fc.oneof(
  fc.constantFrom(...agents).map((agent): TlsIdentity => ({ role: 'agent', agent })),
  fc.constantFrom('console', 'ingest', 'backup').map((service): TlsIdentity => ({ role: 'service', service })),
);
const userOf = (identity: TlsIdentity): string =>
  identity.role === 'agent' ? commonNameFor.agent(identity.agent) : commonNameFor.service(identity.service);

const names = Object.keys(messages) as MessageName[];
const goodTopics = fc
  .tuple(fc.constantFrom(...names), fc.constantFrom(...agents), fc.constantFrom(...folders))
  .map(([name, agent, folder]) => messages[name].topic.replace('{agentId}', agent).replace('{folderId}', folder));
/** One character more, less or other than a topic of the catalogue, and what nobody has thought of. */
const oddTopics = fc.oneof(
  fc
    .tuple(goodTopics, fc.nat(), fc.constantFrom('', '/', '+', '#', 'x', '$'))
    .map(
      ([topic, at, put]) => topic.slice(0, at % (topic.length + 1)) + put + topic.slice((at % (topic.length + 1)) + 1),
    ),
  fc.constantFrom('#', '+', '$SYS/broker/version', 'harp', 'harp/v1/agent/+/desired', 'harp/v1/rights/x', ''),
  fc.string(),
);

/** What the embedded broker would do with a message as the catalogue has it. */
function embedded(identity: TlsIdentity, access: 'read' | 'write', topic: string, fleet: FleetRights): boolean {
  const membership = membershipOf(fleet);
  if (access === 'read') return mayForward(identity, topic, membership);
  const name = parseTopic(topic)?.message;
  if (name === undefined) return false;
  const { qos, retain } = messages[name];
  return mayPublish(identity, { topic, qos, retain, payloadBytes: 0 }, membership) === 'allowed';
}

describe('the ACL file', () => {
  test('lets everybody do what the embedded broker does, and nothing else', () => {
    fc.assert(
      fc.property(
        fleets,
        identities,
        goodTopics,
        fc.constantFrom('read', 'write'),
        (fleet, identity, topic, access) => {
          const file = aclFile(aclLines(fleet), 'digest');
          expect(aclAllows(file, userOf(identity), access, topic)).toBe(embedded(identity, access, topic, fleet));
        },
      ),
      { numRuns: 4_000 },
    );
  });

  test('gives agents nothing beside the catalogue', () => {
    fc.assert(
      fc.property(
        fleets,
        fc.constantFrom(...agents),
        oddTopics,
        fc.constantFrom('read', 'write'),
        (fleet, agent, topic, access) => {
          const file = aclFile(aclLines(fleet), 'digest');
          const identity: TlsIdentity = { role: 'agent', agent };
          expect(aclAllows(file, agent, access, topic)).toBe(embedded(identity, access, topic, fleet));
        },
      ),
      { numRuns: 4_000 },
    );
  });

  test('lets nobody but the server’s own probe use the topic that tells which version is in force', () => {
    const file = aclFile(aclLines({ agents: new Map([[agents[0]!, new Set(folders)]]), revoked: new Set() }), 'abc');
    const may = (user: string, topic: string) =>
      aclAllows(file, user, 'read', topic) && aclAllows(file, user, 'write', topic);
    expect(may('harp-broker', 'harp/v1/rights/abc')).toBe(true);
    expect(may('harp-broker', 'harp/v1/rights/abd')).toBe(false);
    for (const user of [agents[0]!, 'harp-console', 'harp-ingest', ''])
      expect(may(user, 'harp/v1/rights/abc')).toBe(false);
  });

  test('gives whoever is not of the fleet, but has a certificate of its CA, what an agent without folders has', () => {
    const stranger = 'z'.repeat(52) as AgentId;
    const file = aclFile(aclLines({ agents: new Map([[agents[0]!, new Set(folders)]]), revoked: new Set() }), 'digest');
    const without: FleetRights = { agents: new Map([[stranger, new Set()]]), revoked: new Set() };
    fc.assert(
      fc.property(fc.oneof(goodTopics, oddTopics), fc.constantFrom('read', 'write'), (topic, access) => {
        const identity: TlsIdentity = { role: 'agent', agent: stranger };
        expect(aclAllows(file, stranger, access, topic)).toBe(embedded(identity, access, topic, without));
      }),
    );
  });

  test('is the same text for the same rights, however they are ordered', () => {
    const [one, other] = [agents[0]!, agents[1]!];
    const forth = new Map([
      [one, new Set(folders)],
      [other, new Set<FolderId>()],
    ]);
    const back = new Map([
      [other, new Set<FolderId>()],
      [one, new Set(folders.toReversed())],
    ]);
    const revoked = new Set([agents[2]!, agents[3]!]);
    const turned = new Set([agents[3]!, agents[2]!]);
    expect(aclLines({ agents: back, revoked: turned })).toBe(aclLines({ agents: forth, revoked }));
  });
});
