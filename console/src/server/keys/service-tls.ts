/** The certificate with which the console, and `harp` on the server's own machine, show the broker who they are. The broker makes and renews it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HarpError } from '@harp/broker/protocol';
import { type MasterKeyOptions, openSealing, PKI_KEY, readSealedFile } from '@harp/broker/protocol/node';

/** For any TLS client, in PEM. */
export interface ServiceTls {
  ca: string;
  cert: string;
  key: string;
}

/** @throws when the broker has not made it yet; {HarpError} `keys.*` */
export async function readServiceTls(options: MasterKeyOptions): Promise<ServiceTls> {
  const pki = path.join(options.dataDir, 'pki');
  const [ca, cert] = await Promise.all([
    readFile(path.join(pki, 'ca.crt'), 'utf8'),
    readFile(path.join(pki, 'service-console.crt'), 'utf8'),
  ]);
  const key = await readSealedFile(path.join(pki, 'service-console.key'), PKI_KEY, await openSealing(options));
  if (key === undefined) throw new HarpError('keys.damaged', `${pki}/service-console.key is missing`);
  return { ca, cert, key };
}
