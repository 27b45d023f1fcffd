/** Connections to Nextcloud. */
import { z } from 'zod';
import { instant } from './scalars.ts';

/** A connection to Nextcloud: as whom, and what the last check found. It has no secret in it. */
export const Nextcloud = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  version: z.string().nullable(),
  /** Whom Harp signs in as. */
  user: z.string(),
  /** The same account as Nextcloud itself calls it; null until it was asked. */
  davUser: z.string().nullable(),
  /** Error code and words when the connection does not work. */
  error: z.object({ code: z.string(), detail: z.string() }).nullable(),
  checkedAtMs: instant.nullable(),
});
export type Nextcloud = z.infer<typeof Nextcloud>;
