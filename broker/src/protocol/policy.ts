/** Policy: what an IT manager decides. One schema for form, API and agent: bounds, defaults, labels and units live here. */
import { z } from 'zod';

export const OfficePolicy = z.strictObject({
  wanStreams: z.int().min(1).max(16).default(4).meta({
    title: 'Streams to Nextcloud',
    description: 'Most downloads the whole office keeps open to Nextcloud at one time.',
    unit: 'streams',
    applies: 'live',
  }),
  // At least twice the grace of 1.5 s that a server gives an asker it is a little behind: else every agent of a stalled office would be given up at once.
  stallMs: z.int().min(3000).max(120_000).default(8000).meta({
    title: 'Give up a silent neighbour after',
    description: 'A neighbour that makes no progress for this long loses the part it was fetching to the next in rank.',
    unit: 'ms',
    applies: 'live',
  }),
  enrolBeacon: z.boolean().default(true).meta({
    title: 'Tell new PCs where the server is',
    description:
      'PCs of the office answer others on the local network that look for the server. Those still have to be let in by a person.',
    applies: 'live',
  }),
});
export type OfficePolicy = z.infer<typeof OfficePolicy>;

/** The policy of an office that nobody has configured. */
export const defaultOfficePolicy: OfficePolicy = OfficePolicy.parse({});
