/** Ids are types that say where they come from. Parse once, at the border; inside, the brand is the proof. */
import { z } from 'zod';

/** base32(SHA-256(SubjectPublicKeyInfo)), 52 lower-case letters and digits. From the TLS session, never from a payload. */
export const AgentId = z
  .string()
  .regex(/^[a-z2-7]{52}$/, 'an agent id has 52 characters a–z and 2–7')
  .brand<'AgentId'>();
export type AgentId = z.infer<typeof AgentId>;

/** Random, given by the console; unique in one installation, never reused. One is fixed: UNASSIGNED_OFFICE. */
export const OfficeId = z
  .string()
  .regex(/^off-([a-z2-7]{16}|unassigned)$/)
  .brand<'OfficeId'>();
export type OfficeId = z.infer<typeof OfficeId>;

/** Where PCs are that no office claims. It gets no folder and no policy. */
export const UNASSIGNED_OFFICE = 'off-unassigned' as OfficeId;

/** Random, given by the broker: one PC that asks to be let in. */
export const EnrolmentRequestId = z
  .string()
  .regex(/^enr-[a-z2-7]{16}$/)
  .brand<'EnrolmentRequestId'>();
export type EnrolmentRequestId = z.infer<typeof EnrolmentRequestId>;

/** Random, given by the console; names one chain for ever. */
export const FolderId = z
  .string()
  .regex(/^fld-[a-z2-7]{16}$/)
  .brand<'FolderId'>();
export type FolderId = z.infer<typeof FolderId>;

/** Random, given by the console: one Nextcloud server and account. */
export const NextcloudId = z
  .string()
  .regex(/^nxc-[a-z2-7]{16}$/)
  .brand<'NextcloudId'>();
export type NextcloudId = z.infer<typeof NextcloudId>;

/** SHA-256 of a chunk's bytes, 64 lower-case hexadecimal digits. */
export const ChunkId = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'a chunk id is 64 lower-case hexadecimal digits')
  .brand<'ChunkId'>();
export type ChunkId = z.infer<typeof ChunkId>;

/** SHA3-256 of a blob's bytes (manifest, segment or snapshot), 64 lower-case hexadecimal digits. */
export const BlobId = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'a blob id is 64 lower-case hexadecimal digits')
  .brand<'BlobId'>();
export type BlobId = z.infer<typeof BlobId>;

/** A chain link, SHA3-256, 64 lower-case hexadecimal digits. */
export const LinkHex = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .brand<'Link'>();
export type LinkHex = z.infer<typeof LinkHex>;

/** First 16 hexadecimal digits of SHA-256 over a signing key's raw 32 bytes. */
export const KeyId = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .brand<'KeyId'>();
export type KeyId = z.infer<typeof KeyId>;

/** Random, given by the console: one command to one agent. What answers it names it. */
export const CommandId = z
  .string()
  .regex(/^cmd-[a-z2-7]{16}$/)
  .brand<'CommandId'>();
export type CommandId = z.infer<typeof CommandId>;

/** 26 base32 characters, time-ordered and random: makes the replay of a queued report idempotent. */
export const ReportId = z
  .string()
  .regex(/^[0-9a-hjkmnp-tv-z]{26}$/)
  .brand<'ReportId'>();
export type ReportId = z.infer<typeof ReportId>;

/** The name of an office, folder or Nextcloud connection: what people type and see. */
export const DisplayName = z
  .string()
  .min(1)
  .max(100)
  .refine((name) => name.trim() === name && !/\p{Cc}/u.test(name), 'no control characters, no spaces at the ends');
