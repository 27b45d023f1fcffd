/**
 * A peer that lies: enrolled for real through the agent CLI, listed in the signed roster, present on MQTT, and then not `harp-agent run` but a
 * small HTTPS server that claims to hold everything and answers wants as the test says.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  Desired,
  endFrame,
  FRAME_HEADER_BYTES,
  FRAMES_CONTENT_TYPE,
  frameHeader,
  frameType,
  messages,
  peerPaths,
  SignedText,
  topicFor,
  waitingFrame,
} from '@harp/broker/protocol';
import { z } from 'zod';
import { temporaryFolder } from './fleet.ts';
import { type AgentIdentity, connected, enrolIdentity, mqttClient, type TlsIdentity } from './identity.ts';
import { until } from './process.ts';

/** A want as it reached the liar. */
export interface Want {
  kind: 'chunks' | 'blobs';
  ids: readonly string[];
}

/** Answers a want. The status line is out; whoever leaves the response open must stop when it closes. */
export type Lie = (want: Want, response: ServerResponse) => void;

export interface LyingPeerOptions {
  name: string;
  token: string;
  lie: Lie;
  /** Default: that it holds everything. A peer that holds nothing is asked for what it has to fetch for the office. */
  holdsNothing?: boolean;
  /** Shows this certificate instead of its own. */
  presents?: TlsIdentity;
}

export interface LyingPeer {
  readonly identity: AgentIdentity;
  /** How often it was asked. `connections` counts those whose TLS failed as well. */
  readonly asked: Readonly<Record<'connections' | 'hello' | 'have' | 'wants', number>>;
  /** Goes away. Twice is fine. */
  stop(): Promise<void>;
}

/** Ways to answer a want wrongly. */
export const lies = {
  /** Every item at once, with bytes that are not what was asked for. */
  wrongBytes({ ids }, response) {
    for (const id of ids) {
      const bytes = randomBytes(300_000);
      response.write(frameHeader(frameType.data, id, bytes.length));
      response.write(bytes);
    }
    response.end(endFrame());
  },
  /** Announces frames of 4 GiB and sends on and on. */
  tooLargeFrames({ ids }, response) {
    response.write(frameHeader(frameType.data, ids[0] ?? '', 0xffff_ffff));
    forAsLongAsItIsRead(response, () => randomBytes(64 * 1024));
  },
  /** Bytes that are no frames. */
  garbage(_want, response) {
    response.write(Buffer.alloc(FRAME_HEADER_BYTES, 0xee));
    forAsLongAsItIsRead(response, () => randomBytes(1000));
  },
  /** Says that it is fetching, with a counter that grows for ever, and never sends anything. */
  endlessWaiting({ ids }, response) {
    let progress = 0;
    every(200, response, () => {
      progress += 1;
      for (const id of ids) response.write(waitingFrame(id, progress));
    });
  },
  /** Takes the want and says nothing. */
  silence() {},
  /** Breaks off in the middle of the first item. */
  brokenOff({ ids }, response) {
    response.write(frameHeader(frameType.data, ids[0] ?? '', 300_000));
    response.write(randomBytes(1000), () => response.destroy());
  },
} satisfies Record<string, Lie>;

function forAsLongAsItIsRead(response: ServerResponse, piece: () => Buffer): void {
  const send = () => {
    while (!response.destroyed && response.write(piece()));
  };
  response.on('drain', send);
  send();
}

function every(ms: number, response: ServerResponse, act: () => void): void {
  const timer = setInterval(act, ms);
  response.on('close', () => clearInterval(timer));
  act();
}

const Ids = z.object({ ids: z.array(z.string()) });

/** Enrols, listens, and makes itself known; resolves when the data centre lists it. */
export async function startLyingPeer(options: LyingPeerOptions): Promise<LyingPeer> {
  const identity = await enrolIdentity(options.token, join(temporaryFolder(options.name), 'state'));
  const asked = { connections: 0, hello: 0, have: 0, wants: 0 };
  let desired: Desired | undefined;

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    if (path === peerPaths.hello) {
      asked.hello += 1;
      const folders = desired?.folders.map(({ id }) => ({ id, seq: Number.MAX_SAFE_INTEGER })) ?? [];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ protocol: 1, agent: identity.agent, folders }));
      return;
    }
    const { ids } = Ids.parse(JSON.parse(await text(request)));
    if (path.endsWith('/have')) {
      asked.have += 1;
      response.setHeader('content-type', 'application/octet-stream');
      response.end(Buffer.alloc(Math.ceil(ids.length / 8), options.holdsNothing ? 0 : 0xff));
      return;
    }
    asked.wants += 1;
    response.writeHead(200, { 'content-type': FRAMES_CONTENT_TYPE });
    response.flushHeaders();
    options.lie({ kind: path.endsWith('/chunks') ? 'chunks' : 'blobs', ids }, response);
  };
  const server = createServer(
    { ...(options.presents ?? identity.tls), minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      // An asker that hangs up is what most lies lead to.
      response.on('error', () => undefined);
      answer(request, response).catch(() => response.destroy());
    },
  );
  server.on('connection', () => {
    asked.connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;

  const own = (message: 'desired' | 'presence' | 'reported') =>
    topicFor(messages[message].topic, { agentId: identity.agent });
  const client = await connected(mqttClient(identity.mqttUrl, identity.tls, { clientId: identity.agent }));
  client.on('message', (_topic, payload) => {
    desired = Desired.parse(JSON.parse(SignedText.parse(JSON.parse(String(payload))).text));
  });
  await client.subscribeAsync(own('desired'), { qos: 1 });
  const say = (message: 'presence' | 'reported', body: object) =>
    client.publishAsync(own(message), JSON.stringify({ v: 1, atMs: Date.now(), ...body }), { qos: 1, retain: true });
  await say('presence', { online: true });
  await say('reported', {
    protocol: 1,
    version: '0.0.0',
    hostname: options.name,
    platform: 'test',
    addresses: [address],
    peers: [],
    desiredRevision: 0,
    folders: [],
  });
  await until(`${options.name} stands in the roster with its address`, () =>
    desired?.roster.some(({ agent, addresses }) => agent === identity.agent && addresses.includes(address)),
  );

  return {
    identity,
    asked,
    async stop() {
      if (!server.listening) return;
      await say('presence', { online: false });
      await client.endAsync();
      server.close();
      server.closeAllConnections();
    },
  };
}
