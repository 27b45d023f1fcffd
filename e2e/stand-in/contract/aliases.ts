/** The host of the recordings. */
const recordedBaseUrl = 'https://cloud.example.com';

/**
 * Values that differ from run to run: what the recorded server said, and what the stand-in says in its place. Learned from answers,
 * used to rewrite later requests and to compare later answers.
 */
export class Aliases {
  private readonly byKind = new Map<string, Map<string, string>>();

  constructor(private readonly baseUrl: string) {}

  /** Notes a pair. Returns false when the recorded value is already known to stand for another one. */
  learn(kind: string, recorded: string, actual: string): boolean {
    const known = this.byKind.get(kind) ?? new Map<string, string>();
    this.byKind.set(kind, known);
    if (known.has(recorded)) return known.get(recorded) === actual;
    known.set(recorded, actual);
    return true;
  }

  /** What stands for a recorded value; undefined when nothing does. */
  get(kind: string, recorded: string): string | undefined {
    return this.byKind.get(kind)?.get(recorded);
  }

  /** Rewrites a recorded text (URL, header, body) to what it has to be now. */
  rewrite(text: string): string {
    let result = text.replaceAll(recordedBaseUrl, this.baseUrl);
    for (const kind of ['etag', 'token'] as const) {
      for (const [recorded, actual] of this.byKind.get(kind) ?? []) result = result.replaceAll(recorded, actual);
    }
    return result
      .replace(/(\/shares\/)(\d+)/, (_, lead: string, id: string) => lead + (this.get('share', id) ?? id))
      .replace(/(\bfileId=)(\d+)/, (_, lead: string, id: string) => lead + (this.get('file', id) ?? id))
      .replace(/(\bsince=)(\d+)/, (_, lead: string, id: string) => lead + (this.get('activity', id) ?? id));
  }
}
