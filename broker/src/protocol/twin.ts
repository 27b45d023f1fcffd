/** The device twin: `desired` is what the data centre wants of an agent, `reported` what the agent says of itself. */
import { z } from 'zod';
import { AgentId, DisplayName, FolderId, LinkHex, OfficeId } from './ids.ts';
import { limits } from './limits.ts';
import { OfficePolicy } from './policy.ts';

/** `host:port`, host an IPv4 address, a bracketed IPv6 address or a host name. */
export const PeerAddress = z
  .string()
  .max(300)
  .regex(/^(\[[0-9a-fA-F:.]+(%[A-Za-z0-9_.-]+)?\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'host:port');

/** How an office reads one folder from Nextcloud: a read-only public share of its own. `url` is the server's base URL. */
export const OriginGrant = z.strictObject({
  kind: z.literal('nextcloud-share'),
  url: z.url({ protocol: /^https?$/ }),
  /** `public-webdav` (27+): /public.php/webdav with Basic auth. `public-dav` (29+): /public.php/dav/files/{token}. */
  dialect: z.enum(['public-webdav', 'public-dav']),
  token: z.string().min(1).max(200),
  password: z.string().max(200).exactOptional(),
  /** CA certificates (PEM) to trust for this server besides the system's. */
  caPem: z.string().max(65_536).exactOptional(),
});
export type OriginGrant = z.infer<typeof OriginGrant>;

/** One agent of the same office, and the folders for which others may give it chunks and blobs. */
export const RosterMember = z.strictObject({
  agent: AgentId,
  folders: z.array(FolderId).max(limits.agentMaxFolders),
  /** Where it was last reachable. Hints only: identity is proven by TLS. */
  addresses: z.array(PeerAddress).max(16),
  /** Share of WAN fetching relative to others; 0 = never fetches from the WAN while another can. */
  wanWeight: z.int().min(0).max(100),
});
export type RosterMember = z.infer<typeof RosterMember>;

/** What the signature of context `harp/desired/v1` covers. An agent refuses a lower `revision` than it has seen, and any other `agent`. */
export const Desired = z.strictObject({
  v: z.literal(1),
  agent: AgentId,
  revision: z.int().min(1),
  atMs: z.int().min(0),
  office: z.strictObject({ id: OfficeId, name: DisplayName }),
  policy: OfficePolicy,
  folders: z
    .array(z.strictObject({ id: FolderId, name: DisplayName, origin: OriginGrant.nullable() }))
    .max(limits.agentMaxFolders),
  /** Every agent of the office that is not revoked, this one included. */
  roster: z.array(RosterMember).max(limits.rosterMaxAgents),
});
export type Desired = z.infer<typeof Desired>;

/** Why a folder is not up to date; `reason` of FolderReport is the error code behind it. */
export const FolderSyncState = z.enum(['starting', 'syncing', 'complete', 'blocked']);

/** How far an agent is with one folder. `seq`/`link`: the newest verified position of the chain, applied or not. */
export const FolderReport = z.object({
  id: FolderId,
  seq: z.int().min(0),
  link: LinkHex,
  state: FolderSyncState,
  /** Error code when `blocked`. */
  reason: z.string().max(100).exactOptional(),
  filesTotal: z.int().min(0),
  filesDone: z.int().min(0),
  bytesTotal: z.int().min(0),
  bytesDone: z.int().min(0),
});
export type FolderReport = z.infer<typeof FolderReport>;

export const Reported = z.object({
  v: z.literal(1),
  atMs: z.int().min(0),
  protocol: z.int().min(1),
  version: z.string().max(50),
  hostname: z.string().max(255),
  platform: z.string().max(50),
  addresses: z.array(PeerAddress).max(16),
  /** Peers this agent has a live connection with. */
  peers: z.array(AgentId).max(limits.rosterMaxAgents),
  freeBytes: z.int().min(0).exactOptional(),
  desiredRevision: z.int().min(0),
  folders: z.array(FolderReport).max(limits.agentMaxFolders),
});
export type Reported = z.infer<typeof Reported>;
