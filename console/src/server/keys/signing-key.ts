/** The Ed25519 key that signs heads, snapshots and desired documents. Agents pin its public half at enrolment. */
import path from 'node:path';
import type { Signer } from '@harp/broker/protocol/node';
import { createSigner, generateSigningKeyPem } from '@harp/broker/protocol/node';
import type { PrismaClient } from '@harp/prisma';
import type { RandomBytes } from '../ports.ts';
import { readOrMakeKeyFile } from './key-file.ts';

/** The signer of this installation: `keys/signing.pem` in `dataDir`, made if it is absent. */
export async function openSigner(dataDir: string, random: RandomBytes): Promise<Signer> {
  const pem = await readOrMakeKeyFile(
    path.join(dataDir, 'keys', 'signing.pem'),
    () => Buffer.from(generateSigningKeyPem(), 'utf8'),
    Buffer.from(random(8)).toString('hex'),
  );
  return createSigner(Buffer.from(pem).toString('utf8'));
}

/** Lists the public half where the broker hands it out at enrolment. */
export async function announceSigningKey(prisma: PrismaClient, { key }: Signer): Promise<void> {
  await prisma.signingKey.upsert({
    where: { key: key.key },
    create: { key: key.key, publicKey: key.publicKey },
    update: { publicKey: key.publicKey, retiredAt: null },
  });
}
