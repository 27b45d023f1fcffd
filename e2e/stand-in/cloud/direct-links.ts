import type { Clock } from './clock.ts';
import { randomText } from './random-text.ts';

/** Whom a direct link lets read what. */
export interface DirectLink {
  readonly fileId: number;
  readonly userId: string;
  readonly expiresAtMs: number;
}

/** Direct download links: they follow the file id and cannot be revoked singly. */
export class DirectLinks {
  private readonly byToken = new Map<string, DirectLink>();

  constructor(private readonly clock: Clock) {}

  /** Returns the 60-character token. */
  create(userId: string, fileId: number, lifetimeSeconds: number): string {
    const token = randomText(60);
    this.byToken.set(token, { fileId, userId, expiresAtMs: this.clock.nowMs() + lifetimeSeconds * 1000 });
    return token;
  }

  /** The link, unless unknown or expired. */
  live(token: string): DirectLink | undefined {
    const link = this.byToken.get(token);
    return link !== undefined && link.expiresAtMs > this.clock.nowMs() ? link : undefined;
  }
}
