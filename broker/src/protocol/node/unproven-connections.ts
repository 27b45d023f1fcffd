/** Connections of whoever has not shown who it is. Anybody may open them, so there is a limit, and of too many the oldest goes. */
import type { Server, Socket } from 'node:net';

/** The far end of a connection: what TLS and the socket that the listener took below it have in common. */
type FarEnd = Pick<Socket, 'remoteAddress' | 'remotePort'>;

export interface UnprovenConnections {
  /** Whoever is at this far end has shown who it is: its connection counts no more. */
  proven(end: FarEnd): void;
  /** Nothing is done for this connection any more (one without TLS): it counts again, as the newest. */
  idle(socket: Socket): void;
}

/**
 * Keeps at most `most` connections to `server` of whoever has not shown who it is. Beyond, the oldest is cut: somebody who means well needs a moment from
 * the first byte to the proof, a flood holds what it has. So a flood keeps nobody else out, wherever it comes from.
 */
export function boundUnproven(server: Server, most: number): UnprovenConnections {
  const unproven = new Map<string, Socket>();
  const add = (end: string, socket: Socket): void => {
    unproven.set(end, socket);
    for (const [name, oldest] of unproven) {
      if (unproven.size <= most) return;
      unproven.delete(name);
      oldest.destroy();
    }
  };
  server.on('connection', (socket: Socket) => {
    // Gone before we looked.
    if (socket.remotePort === undefined) return;
    const end = nameOf(socket);
    socket.once('close', () => {
      if (unproven.get(end) === socket) unproven.delete(end);
    });
    add(end, socket);
  });
  return {
    proven: (end) => void unproven.delete(nameOf(end)),
    idle(socket) {
      if (!socket.destroyed && socket.remotePort !== undefined) add(nameOf(socket), socket);
    },
  };
}

function nameOf({ remoteAddress, remotePort }: FarEnd): string {
  return `${remoteAddress} ${remotePort}`;
}
