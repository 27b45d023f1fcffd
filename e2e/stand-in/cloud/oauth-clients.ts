import { randomText } from './random-text.ts';

/** A program that an administrator let sign people in with this cloud. */
export interface OAuthClient {
  readonly id: string;
  readonly secret: string;
  /** Where people are sent back to, whatever the request says. */
  readonly redirectUri: string;
}

/** Clients of the built-in OAuth2, and codes that were given and not yet used. */
export class OAuthClients {
  private readonly clients = new Map<string, OAuthClient>();
  private readonly codes = new Map<string, { clientId: string; userId: string }>();

  register(redirectUri: string): OAuthClient {
    const client = { id: randomText(64), secret: randomText(64), redirectUri };
    this.clients.set(client.id, client);
    return client;
  }

  find(id: string): OAuthClient | undefined {
    return this.clients.get(id);
  }

  /** A code for a user who said yes. */
  grant(clientId: string, userId: string): string {
    const code = randomText(128);
    this.codes.set(code, { clientId, userId });
    return code;
  }

  /** Whose code it is; good once, for the client it was given to. */
  take(code: string, clientId: string): string | undefined {
    const grant = this.codes.get(code);
    if (grant?.clientId !== clientId) return undefined;
    this.codes.delete(code);
    return grant.userId;
  }
}
