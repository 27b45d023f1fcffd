/** The office of PCs that no office claims. It is there for all that needs an office, gets no folder and no policy, and is none of fleet.yaml's. */
import { UNASSIGNED_OFFICE } from '@harp/broker/protocol';
import { UNASSIGNED_NAME } from '../../api/fleet-rules.ts';
import type { Tx } from '../content/rows.ts';

export { UNASSIGNED_NAME } from '../../api/fleet-rules.ts';

/** Makes the office if it is not there yet. */
export async function ensureUnassigned(tx: Tx): Promise<void> {
  await tx.office.createMany({ data: [{ id: UNASSIGNED_OFFICE, name: UNASSIGNED_NAME }], skipDuplicates: true });
}
