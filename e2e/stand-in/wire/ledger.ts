import { pathOf } from '../cloud/nodes.ts';
import { Coverage } from './coverage.ts';
import type { Identity } from './identity.ts';
import type { FileBody } from './reply.ts';

/** A stretch of one file version that went out; `path` is the one in its owner's tree when it was first served. */
interface ServedRange {
  path: string;
  fileId: number;
  etag: string;
  start: number;
  /** Exclusive. */
  end: number;
  times: number;
}

/** What one office (share label) or user cost. Counts bytes handed to the kernel, which a client that hangs up may not have read. */
export interface Usage {
  requests: number;
  /** Answers by status code. */
  statuses: Record<string, number>;
  /** Bytes of all response bodies, listings and errors too. */
  bodyBytes: number;
  /** Bytes of files, by path. */
  bytesPerPath: Record<string, number>;
  /** Good bytes of every file version, each with the number of times it was served. Bytes a fault has spoiled are not in here. */
  rangesServed: ServedRange[];
  /** Good bytes beyond the first time: 0 means that no byte of any file version was served twice. */
  duplicateBytes: number;
  /** Most file downloads under way at one time. */
  peakDownloads: number;
}

/** Statistics since the start or the last reset. The label of a share without a label is the empty string. */
export interface Stats {
  perLabel: Record<string, Usage>;
  perUser: Record<string, Usage>;
  /** Requests with wrong or no credentials. */
  unidentified: Usage;
}

interface Version {
  readonly path: string;
  readonly fileId: number;
  readonly etag: string;
  readonly coverage: Coverage;
}

/** The account of one office or user. */
export class Account {
  private readonly usage: Usage = {
    requests: 0,
    statuses: {},
    bodyBytes: 0,
    bytesPerPath: {},
    rangesServed: [],
    duplicateBytes: 0,
    peakDownloads: 0,
  };
  private readonly versions = new Map<string, Version>();
  private downloads = 0;

  countAnswer(status: number): void {
    this.usage.requests += 1;
    this.usage.statuses[status] = (this.usage.statuses[status] ?? 0) + 1;
  }

  countBodyBytes(bytes: number): void {
    this.usage.bodyBytes += bytes;
  }

  downloadStarted(): void {
    this.downloads += 1;
    this.usage.peakDownloads = Math.max(this.usage.peakDownloads, this.downloads);
  }

  downloadEnded(): void {
    this.downloads -= 1;
  }

  /** Notes bytes `start` to `end` of the file version in `body`; `spoiled` ones do not count as served. */
  countFileBytes(body: FileBody, start: number, end: number, spoiled: boolean): void {
    const version = this.versionOf(body);
    this.usage.bytesPerPath[version.path] = (this.usage.bytesPerPath[version.path] ?? 0) + end - start;
    if (!spoiled) this.usage.duplicateBytes += version.coverage.add(start, end);
  }

  snapshot(): Usage {
    const rangesServed = [...this.versions.values()].flatMap(({ coverage, ...facts }) =>
      coverage.list().map((stretch) => ({ ...facts, ...stretch })),
    );
    return {
      ...this.usage,
      statuses: { ...this.usage.statuses },
      bytesPerPath: { ...this.usage.bytesPerPath },
      rangesServed,
    };
  }

  private versionOf(body: FileBody): Version {
    const key = `${body.file.id}/${body.etag}`;
    const known = this.versions.get(key);
    if (known !== undefined) return known;
    const version = { path: pathOf(body.file), fileId: body.file.id, etag: body.etag, coverage: new Coverage() };
    this.versions.set(key, version);
    return version;
  }
}

/** Who fetched what. Labels and users each have an account; accounts appear with the first request. */
export class Ledger {
  private labels = new Map<string, Account>();
  private users = new Map<string, Account>();
  private unidentified = new Account();

  accountOf(identity: Identity): Account {
    switch (identity.kind) {
      case 'share':
        return accountIn(this.labels, identity.share.label);
      case 'user':
        return accountIn(this.users, identity.user.id);
      case 'direct':
        return accountIn(this.users, identity.link.userId);
      default:
        return this.unidentified;
    }
  }

  stats(): Stats {
    return {
      perLabel: snapshots(this.labels),
      perUser: snapshots(this.users),
      unidentified: this.unidentified.snapshot(),
    };
  }

  /** Starts from nothing; requests under way still count to the accounts they began with. */
  reset(): void {
    this.labels = new Map();
    this.users = new Map();
    this.unidentified = new Account();
  }
}

function accountIn(accounts: Map<string, Account>, key: string): Account {
  const known = accounts.get(key) ?? new Account();
  accounts.set(key, known);
  return known;
}

function snapshots(accounts: Map<string, Account>): Record<string, Usage> {
  return Object.fromEntries([...accounts].map(([key, account]) => [key, account.snapshot()]));
}
