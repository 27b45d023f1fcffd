/**
 * The control API: what a test in another process may do to a stand-in. One table of calls gives the server its checks and the client
 * its types. It has no authentication and listens on loopback only.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { bufferContent, type Content, concatContent, seededContent } from './cloud/content.ts';
import { sampleTree } from './sample-tree.ts';
import type { StandIn } from './stand-in.ts';
import { readText } from './wire/exchange.ts';
import { FaultRule } from './wire/faults.ts';

/** A piece of a file: given bytes, or bytes computed from a seed. */
const Piece = z.union([
  z.object({ text: z.string() }),
  z.object({ base64: z.base64() }),
  z.object({ seed: z.string(), sizeBytes: z.int().min(0), offset: z.int().min(0).default(0) }),
]);

const user = z.string();
const path = z.string();
const at = z.object({ user, path });
const nothing = z.object({});

function define<Input extends z.ZodType, Output>(
  input: Input,
  run: (standIn: StandIn, input: z.output<Input>) => Output | Promise<Output>,
) {
  return { input, run };
}

/** Every call, as `POST /{name}` with a JSON object; the answer is JSON. Bytes too large for that go to `PUT /files/{user}/{path}`. */
const controlCalls = {
  put: define(
    at.extend({ pieces: z.array(Piece), mtimeMs: z.number().optional() }),
    (standIn, { user, path, pieces, mtimeMs }) =>
      standIn.put(user, path, concatContent(pieces.map(pieceContent)), { mtimeMs }),
  ),
  /** Writes a sample tree below `path`; returns its files. */
  putSampleTree: define(at.extend({ megabytes: z.number().optional(), seed: z.string().optional() }), putSampleTree),
  mkdir: define(at, (standIn, { user, path }) => standIn.mkdir(user, path)),
  move: define(z.object({ user, from: path, to: path }), (standIn, { user, from, to }) => standIn.move(user, from, to)),
  remove: define(at, (standIn, { user, path }) => standIn.remove(user, path)),
  /** Null when nothing is there. */
  stat: define(at, (standIn, { user, path }) => standIn.stat(user, path) ?? null),
  addFault: define(FaultRule, (standIn, rule) => ({ id: standIn.faults.add(rule) })),
  removeFault: define(z.object({ id: z.string() }), (standIn, { id }) => standIn.faults.remove(id)),
  clearFaults: define(nothing, (standIn) => standIn.faults.clear()),
  listFaults: define(nothing, (standIn) => standIn.faults.list()),
  stats: define(nothing, (standIn) => standIn.stats()),
  resetStats: define(nothing, (standIn) => standIn.resetStats()),
  /** `bytesPerSecond` null lifts the limit; without `label` it goes for all offices that have no rate of their own. */
  setWanRate: define(
    z.object({ bytesPerSecond: z.number().positive().nullable(), label: z.string().optional() }),
    (standIn, { bytesPerSecond, label }) => standIn.setWanRate(bytesPerSecond ?? undefined, label),
  ),
  setMaintenance: define(z.object({ on: z.boolean() }), (standIn, { on }) => standIn.setMaintenance(on)),
  setBruteForceProtection: define(z.object({ on: z.boolean() }), (standIn, { on }) =>
    standIn.setBruteForceProtection(on),
  ),
  addUser: define(
    z.object({
      id: z.string(),
      password: z.string(),
      displayName: z.string().optional(),
      groups: z.array(z.string()).optional(),
    }),
    (standIn, newUser) => standIn.addUser(newUser),
  ),
  setUserEnabled: define(z.object({ user, enabled: z.boolean() }), (standIn, { user, enabled }) =>
    standIn.setUserEnabled(user, enabled),
  ),
  setPassword: define(z.object({ user, password: z.string() }), (standIn, { user, password }) =>
    standIn.setPassword(user, password),
  ),
  createAppPassword: define(z.object({ user, name: z.string() }), (standIn, { user, name }) => ({
    secret: standIn.createAppPassword(user, name),
  })),
  revokeAppPasswords: define(z.object({ user }), (standIn, { user }) => standIn.revokeAppPasswords(user)),
  createLink: define(
    at.extend({ label: z.string().optional(), password: z.string().optional(), permissions: z.int().optional() }),
    (standIn, { user, path, ...facts }) => standIn.createLink(user, path, facts),
  ),
  deleteLink: define(z.object({ id: z.string() }), (standIn, { id }) => standIn.deleteLink(id)),
  /** As an administrator does in the settings. */
  registerOAuthClient: define(z.object({ redirectUri: z.url() }), (standIn, { redirectUri }) =>
    standIn.registerOAuthClient(redirectUri),
  ),
  /** `login` is the URL that a Login Flow v2 gave for the browser. */
  grantLogin: define(z.object({ login: z.url(), user }), (standIn, { login, user }) => standIn.grantLogin(login, user)),
};

export type ControlCalls = typeof controlCalls;

/** A running control API. */
export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the control API of a stand-in on 127.0.0.1; port 0 takes any. */
export async function serveControl(standIn: StandIn, port: number): Promise<ControlServer> {
  const server = createServer((request, response) => {
    answer(standIn, request).then(
      (result) => respond(response, 200, result ?? null),
      (error: unknown) => respond(response, 400, { error: error instanceof Error ? error.message : String(error) }),
    );
  });
  server.requestTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(standIn: StandIn, request: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(`http://host${request.url ?? '/'}`);
  const [first = '', owner = '', ...names] = pathname.slice(1).split('/').map(decodeURIComponent);
  if (request.method === 'PUT' && first === 'files') {
    const mtimeMs = searchParams.has('mtimeMs') ? Number(searchParams.get('mtimeMs')) : undefined;
    return standIn.put(owner, names.join('/'), request, { mtimeMs });
  }
  if (request.method !== 'POST' || !isCall(first)) throw new Error(`there is no ${request.method} ${pathname}`);
  return run(controlCalls[first], standIn, JSON.parse((await readText({ request })) || '{}'));
}

/** Joins a call's schema with its function, which the table holds as a pair. */
function run(
  call: { input: z.ZodType; run: (standIn: StandIn, input: never) => unknown },
  standIn: StandIn,
  input: unknown,
): unknown {
  return call.run(standIn, call.input.parse(input) as never);
}

function isCall(name: string): name is keyof ControlCalls {
  return Object.hasOwn(controlCalls, name);
}

function respond(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function pieceContent(piece: z.output<typeof Piece>): Content {
  if ('text' in piece) return bufferContent(Buffer.from(piece.text));
  if ('base64' in piece) return bufferContent(Buffer.from(piece.base64, 'base64'));
  return seededContent(piece.seed, piece.sizeBytes, piece.offset);
}

async function putSampleTree(
  standIn: StandIn,
  { user, path, ...options }: { user: string; path: string; megabytes?: number | undefined; seed?: string | undefined },
): Promise<{ path: string; sizeBytes: number }[]> {
  const files: { path: string; sizeBytes: number }[] = [];
  for (const file of sampleTree(options)) {
    const facts = await standIn.put(user, `${path}/${file.path}`, file.content, { mtimeMs: file.mtimeMs });
    files.push({ path: facts.path, sizeBytes: facts.sizeBytes });
  }
  return files;
}
