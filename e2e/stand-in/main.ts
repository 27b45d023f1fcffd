/**
 * Runs a stand-in as a process of its own: npx tsx e2e/stand-in/main.ts --user harp:password. Prints one line of JSON
 * ({url, controlUrl}) when it is ready and ends on SIGTERM or SIGINT. Nothing imports this file.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { NewUser } from './cloud/accounts.ts';
import { serveControl } from './control.ts';
import { createStandIn } from './stand-in.ts';

const usage = `Options:
  --user ID:PASSWORD[:GROUP,…]   a user; repeat for more, the group admin makes an administrator
  --host ADDRESS                 default 127.0.0.1
  --port PORT                    default 0, any
  --control-port PORT            default 0, any; always on 127.0.0.1
  --base-path PATH               such as /nextcloud
  --data DIR                     keep uploaded bytes here, not in memory; DIR/blobs is emptied
  --tls-key FILE --tls-cert FILE serve HTTPS
  --wan-mbit MBIT                line rate of each office (label of a share), in Mbit/s
  --nc-version A.B.C.D           default 27.1.10.0
  --brute-force                  429 after more than ten failed logins from one address`;

const { values } = parseArgs({
  options: {
    user: { type: 'string', multiple: true, default: [] },
    host: { type: 'string' },
    port: { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    'base-path': { type: 'string' },
    data: { type: 'string' },
    'tls-key': { type: 'string' },
    'tls-cert': { type: 'string' },
    'wan-mbit': { type: 'string' },
    'nc-version': { type: 'string' },
    'brute-force': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const bytesPerMbit = 1_000_000 / 8;

function userIn(text: string): NewUser {
  const [id, password, groups] = text.split(':');
  if (!id || !password) throw new Error(`--user wants ID:PASSWORD, not ${text}`);
  return { id, password, groups: groups?.split(',') };
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const { 'tls-key': keyFile, 'tls-cert': certFile, 'wan-mbit': wanMbit } = values;
  const tls = keyFile && certFile ? { key: await readFile(keyFile), cert: await readFile(certFile) } : undefined;
  const standIn = await createStandIn({
    host: values.host,
    port: Number(values.port),
    tls,
    users: values.user.map(userIn),
    basePath: values['base-path'],
    dataDir: values.data,
    version: values['nc-version'],
    wanBytesPerSecondPerOffice: wanMbit === undefined ? undefined : Number(wanMbit) * bytesPerMbit,
    bruteForceProtection: values['brute-force'],
  });
  const control = await serveControl(standIn, Number(values['control-port']));
  const stop = () => {
    Promise.all([control.close(), standIn.close()]).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  console.log(JSON.stringify({ url: standIn.url, controlUrl: control.url }));
}

await main();
