/** Tokens that were made in this page, until it is left: the server shows each once and keeps only its hash. */

const tokens = new Map<string, string>();

/** Remembers the token of a batch that was just made. */
export function keepToken(batch: string, token: string): void {
  tokens.set(batch, token);
}

/** The token of a batch, if it was made here. */
export function tokenOf(batch: string): string | undefined {
  return tokens.get(batch);
}
