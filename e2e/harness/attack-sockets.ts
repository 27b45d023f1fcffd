/** Connections that hold on to a server: slow ones, and very many. */
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

export interface Slow {
  first: string | Buffer;
  /** What comes behind it, again and again. */
  drip: string | Buffer;
  /** In TLS, with these options; otherwise plainly. */
  tls?: ConnectionOptions;
}

const DRIP_EVERY_MS = 500;

/** Sends as slowly as it may until the other side ends it. Resolves with how long that took, in milliseconds. */
export function sendSlowly(port: number, { first, drip, tls }: Slow): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const target = { host: '127.0.0.1', port };
    const socket: Socket =
      tls === undefined ? connectTcp(target) : connectTls({ ...target, checkServerIdentity: () => undefined, ...tls });
    let dripping: NodeJS.Timeout | undefined;
    const ended = () => {
      clearInterval(dripping);
      socket.destroy();
      resolve(performance.now() - startedAt);
    };
    socket.on(tls === undefined ? 'connect' : 'secureConnect', () => {
      socket.write(first);
      dripping = setInterval(() => socket.writable && socket.write(drip), DRIP_EVERY_MS);
    });
    // A reset is one way to close.
    socket.on('error', () => undefined);
    socket.on('end', ended).on('close', ended).resume();
  });
}

interface Flood {
  /** How many of its connections are open now. */
  open(): number;
  end(): void;
}

/** Connections opened at one time: more than the kernel queues for a listener would wait for its second try. */
const WAVE = 250;

/** Opens `count` connections and keeps those that are left to it. One of `every` says `first` and then nothing more. */
export async function flood(port: number, count: number, first: Buffer | string, every = 10): Promise<Flood> {
  const sockets: Socket[] = [];
  for (let start = 0; start < count; start += WAVE) {
    const wave = Array.from({ length: Math.min(WAVE, count - start) }, (_, index) => {
      const socket = connectTcp({ host: '127.0.0.1', port });
      socket.on('error', () => undefined).resume();
      const settled = new Promise<void>((resolve) => {
        socket.once('connect', () => {
          if (index % every === 0) socket.write(first);
          resolve();
        });
        socket.once('close', () => resolve());
      });
      sockets.push(socket);
      return settled;
    });
    await Promise.all(wave);
  }
  return {
    open: () => sockets.filter(({ destroyed }) => !destroyed).length,
    end: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
