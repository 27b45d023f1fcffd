import { join } from 'node:path';
import type { Clock, Logger } from '../ports.ts';
import { type BrokerState, brokerStateFile } from '../protocol/index.ts';
import { writeFileAtomic } from '../protocol/node/index.ts';
import type { FleetBroker } from './fleet-broker.ts';

const LOOK_EVERY_MS = 1_000;

/** Keeps a file under HARP_DATA that says how it stands with the broker: the console, another process, shows it. @returns ends it */
export async function keepBrokerState(
  dataDir: string,
  broker: Pick<FleetBroker, 'state'>,
  clock: Clock,
  logger: Logger,
): Promise<() => void> {
  const path = join(dataDir, brokerStateFile);
  let written = '';
  let cancel = () => {};
  const look = async (): Promise<void> => {
    const { kind, url, rightsBehind } = broker.state;
    const state: BrokerState = { kind, url, rightsBehind: rightsBehind ?? null };
    const text = `${JSON.stringify(state)}\n`;
    if (text === written) return;
    await writeFileAtomic(path, text, 0o600);
    written = text;
  };
  const again = (): void => {
    cancel = clock.after(LOOK_EVERY_MS, () => {
      look()
        .catch((error: unknown) => logger.debug({ err: error }, 'the state of the broker cannot be written'))
        .finally(again);
    });
  };
  await look();
  again();
  return () => cancel();
}
