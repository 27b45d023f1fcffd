/** A server that answers each path with a document, for what only has to be there. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Starts one on loopback, which no test need end. @returns its address */
export async function answeringServer(documents: Readonly<Record<string, unknown>>): Promise<string> {
  const server = createServer((request, response) => {
    const document = documents[new URL(request.url ?? '/', 'http://x').pathname];
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
