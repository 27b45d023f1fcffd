/** Where people reach the console, as passkeys and other providers need to know it: one address, with TLS or on the machine itself. */
import { isIP } from 'node:net';

/** Why a browser lends no passkeys to an address. */
export type PasskeyObstacle = 'insecure' | 'no-name';

export interface ConsoleAddress {
  /** `https://harp.example`, without a slash at its end. */
  origin: string;
  /** The host, to which passkeys are bound. */
  rpId: string;
  /** Null where passkeys work. */
  obstacle: PasskeyObstacle | null;
}

/** What there is to know of an address. @throws {TypeError} if it is none */
export function consoleAddress(url: string): ConsoleAddress {
  const { origin, protocol, hostname } = new URL(url);
  const isLocal = hostname === 'localhost' || hostname.endsWith('.localhost');
  // A bare IP address is no name that a passkey could be bound to.
  const isNumber = isIP(hostname.replace(/^\[(.*)\]$/, '$1')) !== 0;
  return {
    origin,
    rpId: hostname,
    obstacle: isNumber ? 'no-name' : protocol === 'https:' || isLocal ? null : 'insecure',
  };
}
