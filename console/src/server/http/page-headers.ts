/** What browsers are told of the workbench's pages: run only what this server sent, in a window of its own. */
import { toBase64Url } from '@harp/broker/protocol';
import type { RandomBytes } from '../ports.ts';

/** The content security policy of one page. `nonce` marks the scripts that Next writes into it. */
export function pagePolicy(nonce: string, isDev: boolean): string {
  return [
    "default-src 'self'",
    // strict-dynamic: scripts that a marked script loads may run too; Next's chunks are loaded so.
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDev ? " 'unsafe-eval'" : ''}`,
    // Docking and charts set style attributes, which no nonce can cover. A style cannot run anything.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${isDev ? ' ws:' : ''}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** A nonce for one page: 128 random bits. */
export function newNonce(randomBytes: RandomBytes): string {
  return toBase64Url(randomBytes(16));
}
