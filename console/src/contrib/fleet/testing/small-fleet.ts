/** Agents and offices for tests: complete ones, of which a test says only what it is about. */
import type { AgentSummary, OfficeSummary } from '../../../api/schemas.ts';

/** An agent that is online and complete, but for `fields`. */
export function agentOf(fields: Partial<AgentSummary> = {}): AgentSummary {
  return {
    id: 'agent-1',
    officeId: 'ofc-1',
    hostname: 'pc-1',
    platform: 'linux',
    version: '1.0.0',
    state: 'online',
    lastSeenAtMs: 1_000,
    enrolledAtMs: 500,
    addresses: [],
    peers: 1,
    folders: [folderOf()],
    ...fields,
  };
}

/** A folder an agent has completely, but for `fields`. */
export function folderOf(fields: Partial<AgentSummary['folders'][number]> = {}): AgentSummary['folders'][number] {
  return {
    id: 'fld-1',
    state: 'complete',
    reason: null,
    seq: 3,
    filesTotal: 2,
    filesDone: 2,
    bytesTotal: 100,
    bytesDone: 100,
    ...fields,
  };
}

/** An office without anything, but for `fields`. */
export function officeOf(fields: Partial<OfficeSummary> = {}): OfficeSummary {
  return {
    id: 'ofc-1',
    name: 'north',
    region: null,
    timeZone: null,
    subnets: [],
    agentsTotal: 0,
    agentsOnline: 0,
    folderIds: [],
    last24h: { fromPeers: 0, fromOrigin: 0, fromLocal: 0 },
    ...fields,
  };
}
