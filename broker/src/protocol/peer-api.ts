/** Every request agents make of each other, over TLS 1.3 with both certificates. Identity is the certificate's key, nothing in a request. */
import { z } from 'zod';
import { AgentId, BlobId, ChunkId, FolderId } from './ids.ts';
import { limits } from './limits.ts';

/** mDNS service type (DNS-SD `_harp._tcp`). The instance name is opaque and new at every start; identity comes from TLS. */
export const MDNS_SERVICE = 'harp';

/** DNS-SD service type of the hint where the server is, for PCs that are not enrolled: `_harp-enrol._tcp`. TXT `g`: the gateway's `host:port`. */
export const MDNS_ENROL_SERVICE = 'harp-enrol';

export const peerPaths = {
  /** GET → Hello */
  hello: '/peer/v1/hello',
  /** POST HaveRequest → bitmap: bit i (most significant first) is set when the peer holds ids[i]. */
  have: (folder: FolderId) => `/peer/v1/folders/${folder}/have`,
  /** POST ChunkWant → frames */
  chunks: (folder: FolderId) => `/peer/v1/folders/${folder}/chunks`,
  /** POST BlobWant → frames */
  blobs: (folder: FolderId) => `/peer/v1/folders/${folder}/blobs`,
} as const;

export const FRAMES_CONTENT_TYPE = 'application/vnd.harp.frames';

/** Who answers and what it has verified. `folders` lists only those the asker may share. */
export const Hello = z.object({
  protocol: z.int().min(1),
  agent: AgentId,
  folders: z.array(z.object({ id: FolderId, seq: z.int().min(0) })).max(limits.agentMaxFolders),
});
export type Hello = z.infer<typeof Hello>;

export const HaveRequest = z.strictObject({ ids: z.array(ChunkId).min(1).max(limits.haveMaxIds) });
export type HaveRequest = z.infer<typeof HaveRequest>;

/**
 * Send me these as soon as you have them. For an item that the answerer holds: `data`. For one it is fetching or has undertaken to fetch: `waiting`
 * frames at least every second while it makes progress, then `data`. For any other, or when `waitMs` is over: `absent`.
 */
export const ChunkWant = z.strictObject({
  ids: z.array(ChunkId).min(1).max(limits.wantMaxIds),
  waitMs: z.int().min(0).max(limits.wantMaxWaitMs),
});
export type ChunkWant = z.infer<typeof ChunkWant>;

export const BlobWant = z.strictObject({
  ids: z.array(BlobId).min(1).max(limits.wantMaxIds),
  waitMs: z.int().min(0).max(limits.wantMaxWaitMs),
});
export type BlobWant = z.infer<typeof BlobWant>;

/** Body of every refusal of the peer API and the gateway. */
export const ErrorBody = z.object({
  error: z.object({ code: z.string(), message: z.string(), requestId: z.string().exactOptional() }),
});
export type ErrorBody = z.infer<typeof ErrorBody>;
