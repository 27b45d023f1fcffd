import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { boundUnproven, type UnprovenConnections } from './unproven-connections.ts';

const MOST = 5;
let server: Server;
let unproven: UnprovenConnections;
/** The server's side, in the order in which it took them. */
let taken: Socket[];
const opened: Socket[] = [];

beforeEach(async () => {
  taken = [];
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    taken.push(socket);
  });
  unproven = boundUnproven(server, MOST);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  const closed = once(server, 'close');
  server.close();
  await closed;
});

/** Opens one connection and waits until the server has it. */
async function open(): Promise<Socket> {
  const before = taken.length;
  const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  socket.on('error', () => undefined);
  opened.push(socket);
  await expect.poll(() => taken.length).toBe(before + 1);
  return socket;
}

test('of too many the oldest goes, and the newest stays', async () => {
  const sockets: Socket[] = [];
  for (let each = 0; each < MOST; each++) sockets.push(await open());
  const cut = once(sockets[0]!, 'close');
  const newest = await open();
  await cut;
  expect([...sockets.slice(1), newest].map(({ destroyed }) => destroyed)).toEqual(Array(MOST).fill(false));
});

test('whoever has shown who it is stays, however many come', async () => {
  const known = await open();
  unproven.proven(taken[0]!);
  const sockets: Socket[] = [];
  for (let each = 0; each < 3 * MOST; each++) sockets.push(await open());
  await expect.poll(() => sockets.filter(({ destroyed }) => !destroyed).length).toBe(MOST);
  expect(known.destroyed).toBe(false);
});

test('whoever is idle again counts as the newest', async () => {
  const served = await open();
  unproven.proven(taken[0]!);
  const others: Socket[] = [];
  for (let each = 0; each < MOST; each++) others.push(await open());
  const cut = once(others[0]!, 'close');
  unproven.idle(taken[0]!);
  await cut;
  expect([served, ...others.slice(1)].map(({ destroyed }) => destroyed)).toEqual(Array(MOST).fill(false));
});

test('whoever has gone counts no more', async () => {
  for (let each = 0; each < MOST; each++) await open();
  const [first, ...others] = opened;
  first!.destroy();
  await once(taken[0]!, 'close');
  await open();
  expect(others.map(({ destroyed }) => destroyed)).toEqual(Array(MOST - 1).fill(false));
});
