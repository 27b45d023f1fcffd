/** A folder's chain: who follows it, what a check found, and its raw entries for whoever wants to check in the browser. */
import { z } from 'zod';
import { AgentState } from './agents.ts';
import { count, instant } from './scalars.ts';

/** What `harp verify FOLDER` says. `firstBad` names the entry where the chain, a snapshot or the head stops being right. */
export const VerifyResult = z.object({
  folder: z.string(),
  ok: z.boolean(),
  entries: z.int(),
  manifests: z.int(),
  snapshots: z.int(),
  headSeq: z.int(),
  firstBad: z.object({ seq: z.int().nullable(), what: z.string(), code: z.string() }).nullable(),
});
export type VerifyResult = z.infer<typeof VerifyResult>;

/** An agent at its verified position of a chain. */
export const ChainAgent = z.object({
  agentId: z.string(),
  hostname: z.string(),
  officeId: z.string(),
  state: AgentState,
  /** Null when it has not reported on this folder. */
  seq: count.nullable(),
  link: z.string().nullable(),
  /** Error code when it is broken. */
  reason: z.string().nullable(),
  reportedAtMs: instant.nullable(),
});
export type ChainAgent = z.infer<typeof ChainAgent>;

/**
 * Whether what every agent follows is what was signed. `ok`: at the head, by its link. `behind`: at an earlier entry of this chain. `broken`: its
 * link is not this chain's, or it refuses the chain. `silent`: it has not reported on this folder, so nobody knows.
 */
export const ChainAgents = z.object({
  folderId: z.string(),
  headSeq: count,
  headLink: z.string(),
  headAtMs: instant.nullable(),
  agents: z.object({ ok: count, behind: count, broken: count, silent: count }),
  /** By state, hostname order; at most 500 each, `broken` at most 5000. */
  lists: z.object({
    ok: z.array(ChainAgent),
    behind: z.array(ChainAgent),
    broken: z.array(ChainAgent),
    silent: z.array(ChainAgent),
  }),
});
export type ChainAgents = z.infer<typeof ChainAgents>;

/** Raw entries of a chain in order. `body` is the canonical text that goes into the link; `link` is the one after it (hexadecimal). */
export const ChainEntries = z.object({
  folderId: z.string(),
  /** The link before the first of `entries`; 64 zeros before entry 1. */
  previous: z.string(),
  entries: z.array(z.object({ seq: count, body: z.string(), link: z.string() })),
  /** `from` of the next page; null when this was the last. */
  nextFrom: count.nullable(),
  /** The signed head (SignedText of @harp/broker/protocol); null when nothing was published yet. */
  head: z.object({ text: z.string(), key: z.string(), signature: z.string() }).nullable(),
  /** Public keys that sign heads now. */
  keys: z.array(z.object({ key: z.string(), publicKey: z.string() })),
});
export type ChainEntries = z.infer<typeof ChainEntries>;
