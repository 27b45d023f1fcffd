/** `harp keys …`: the master key, on the server's own machine. */
import { join } from 'node:path';
import { beginMasterRotation, type MasterKeyOptions } from '@harp/broker/protocol/node';
import { takeInstanceLock } from '../../server/supervisor/instance-lock.ts';
import { isAlive, systemProcesses } from '../../server/supervisor/process-identity.ts';
import { CliFailure, usageFailure } from '../failure.ts';
import type { CliPorts } from '../ports.ts';

/** Seals key files with a new master key. What is in the database follows at the next start, which then forgets the old key. */
export async function rotateMaster(
  { dataDir, masterKey }: MasterKeyOptions,
  { json }: { json: boolean },
  { out }: CliPorts,
): Promise<void> {
  if (masterKey !== undefined)
    throw usageFailure('HARP_MASTER_KEY holds the master key: put it into keys/master.key for the rotation');
  const lock = await takeInstanceLock(join(dataDir, 'supervisor.lock'), process.pid, systemProcesses);
  // A supervisor that was killed may have left a broker behind, which writes key files.
  const alive = lock.leftovers.filter((part) => isAlive(part, systemProcesses));
  try {
    if (alive.length > 0)
      throw new CliFailure('supervisor.already_running', [
        `parts of Harp still run (${alive.map(({ pid }) => pid).join(', ')}): start Harp and stop it again, then come back`,
      ]);
    const { keyId } = await beginMasterRotation(dataDir);
    out(
      json
        ? `${JSON.stringify({ keyId })}\n`
        : `Key files are sealed with the new master key ${keyId}. Start Harp now: it seals what is in the database, then forgets the old key.\n`,
    );
  } finally {
    // The next start is to find what is left behind as this one did.
    await (alive.length > 0 ? lock.record(alive) : lock.release());
  }
}
