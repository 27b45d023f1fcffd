/** The numbers that everything in the API is made of. */
import { z } from 'zod';

/** A size or an amount; below 2^53, so a plain number is exact. */
export const bytes = z.int().min(0);

/** UTC epoch, milliseconds. */
export const instant = z.int().min(0);

/** How many of something. */
export const count = z.int().min(0);

/** Verified content by where it came from. `fromOrigin` crossed the WAN. */
export const BytesBySource = z.object({ fromPeers: bytes, fromOrigin: bytes, fromLocal: bytes });
export type BytesBySource = z.infer<typeof BytesBySource>;
