/** The Ed25519 key that signs heads, snapshots and desired documents. Agents pin its public half at enrolment. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { MasterKeyOptions, Signer } from '@harp/broker/protocol/node';
import {
  createSigner,
  generateSigningKeyPem,
  openSealing,
  readOrMakeKeyFile,
  readSealedFile,
  SIGNING_KEY,
  sealedText,
} from '@harp/broker/protocol/node';
import type { PrismaClient } from '@harp/prisma';

/** The signer of this installation: `keys/signing.pem`, sealed, made if it is absent. @throws {HarpError} `keys.*` */
export async function openSigner(options: MasterKeyOptions): Promise<Signer> {
  const { dataDir, random = randomBytes } = options;
  const sealing = await openSealing(options);
  const file = path.join(dataDir, 'keys', 'signing.pem');
  await readOrMakeKeyFile(
    file,
    () => Buffer.from(sealedText(SIGNING_KEY, generateSigningKeyPem(), sealing), 'utf8'),
    Buffer.from(random(8)).toString('hex'),
  );
  return createSigner((await readSealedFile(file, SIGNING_KEY, sealing))!);
}

/** Lists the public half where the broker hands it out at enrolment. */
export async function announceSigningKey(prisma: PrismaClient, { key }: Signer): Promise<void> {
  await prisma.signingKey.upsert({
    where: { key: key.key },
    create: { key: key.key, publicKey: key.publicKey },
    update: { publicKey: key.publicKey, retiredAt: null },
  });
}
