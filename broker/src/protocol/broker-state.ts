import { z } from 'zod';

/** Under HARP_DATA: written by the broker's process, read by the console's. */
export const brokerStateFile = 'broker-state.json';

/** Which MQTT broker carries the fleet. `rightsBehind`: one that others run does not go by the newest rights, since when and why. */
export const BrokerState = z.object({
  kind: z.enum(['embedded', 'external']),
  url: z.string(),
  rightsBehind: z.object({ sinceMs: z.int(), cause: z.string() }).nullable(),
});
export type BrokerState = z.infer<typeof BrokerState>;
