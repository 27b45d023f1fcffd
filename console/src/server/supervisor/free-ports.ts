/** Ports are checked before anything starts, so that a taken one is one clear sentence instead of a part that fails again and again. */
import { createServer } from 'node:net';
import { HarpError } from '@harp/broker/protocol';

/** A port that is needed: its number, 0 for any free one, and the variable that sets it. */
export interface PortWish {
  variable: string;
  port: number;
}

/**
 * The ports to use, in order. A wish for any free port becomes a number, because parts are told each other's.
 *
 * @throws {HarpError} `supervisor.port_in_use` that names port and variable
 */
export async function choosePorts(wishes: readonly PortWish[], host: string): Promise<number[]> {
  const twice = wishes.find(
    ({ port }, index) => port !== 0 && wishes.findIndex((other) => other.port === port) < index,
  );
  if (twice !== undefined)
    throw new HarpError(
      'supervisor.port_in_use',
      `port ${twice.port} is asked for twice: set ${twice.variable} to another one`,
      {
        facts: { port: twice.port },
      },
    );
  const held = await Promise.allSettled(wishes.map((wish) => hold(wish, host)));
  const ports = held.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  await Promise.all(ports.map(({ release }) => release()));
  const failure = held.find((outcome) => outcome.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
  return ports.map(({ port }) => port);
}

function hold({ variable, port }: PortWish, host: string): Promise<{ port: number; release(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => reject(refusal(error, variable, port, host)));
    server.listen({ port, host, exclusive: true }, () => {
      const address = server.address();
      resolve({
        port: typeof address === 'object' && address !== null ? address.port : port,
        release: () => new Promise((done) => server.close(() => done())),
      });
    });
  });
}

function refusal(error: NodeJS.ErrnoException, variable: string, port: number, host: string): HarpError {
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} is in use: stop what uses it, or set ${variable} to another port`,
    EACCES: `port ${port} needs more rights than this user has: set ${variable} to one above 1023`,
    EADDRNOTAVAIL: `this computer has no address ${host}: correct HARP_BIND`,
  };
  const message = reasons[error.code ?? ''] ?? `port ${port} (${variable}) cannot be opened: ${error.message}`;
  return new HarpError('supervisor.port_in_use', message, { cause: error, facts: { port, variable } });
}
