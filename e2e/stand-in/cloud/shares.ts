import { createHash } from 'node:crypto';
import { type Clock, nowSeconds } from './clock.ts';
import type { TreeNode } from './nodes.ts';
import { randomText } from './random-text.ts';
import type { Tree } from './tree.ts';

/** Bits of a share's `permissions`. */
export const permissionBits = { read: 1, update: 2, create: 4, delete: 8, share: 16 } as const;

/** Share type of a public link, the only type the stand-in makes. */
export const linkShareType = 3;

/** One public link. */
export interface Share {
  readonly id: string;
  readonly token: string;
  readonly ownerId: string;
  readonly node: TreeNode;
  readonly createdAtSeconds: number;
  permissions: number;
  /** The office this link was made for: WAN shaping and statistics go by it. */
  label: string;
  note: string;
  password: string | undefined;
  /** What the API shows in place of the password. */
  passwordHash: string | null;
  /** Last valid day, `YYYY-MM-DD`. */
  expireDate: string | undefined;
  hideDownload: boolean;
  /** JSON text, kept as it came. */
  attributes: string | null;
}

/** What a caller may set on a link, at creation or later. */
export interface ShareFacts {
  permissions?: number | undefined;
  label?: string | undefined;
  note?: string | undefined;
  /** An empty string takes the password away. */
  password?: string | undefined;
  /** An empty string takes the date away. */
  expireDate?: string | undefined;
  hideDownload?: boolean | undefined;
  attributes?: string | undefined;
}

/** All public links. A link dies with the file or folder it points at. */
export class Shares {
  private readonly byId = new Map<string, Share>();
  private lastId = 0;

  constructor(
    private readonly clock: Clock,
    private readonly tree: Tree,
  ) {}

  /** Read-only unless `facts.permissions` says more. */
  create(ownerId: string, node: TreeNode, facts: ShareFacts): Share {
    this.lastId += 1;
    const share: Share = {
      id: String(this.lastId),
      token: randomText(15),
      ownerId,
      node,
      createdAtSeconds: nowSeconds(this.clock),
      permissions: permissionBits.read | permissionBits.share,
      label: '',
      note: '',
      password: undefined,
      passwordHash: null,
      expireDate: undefined,
      hideDownload: false,
      attributes: null,
    };
    this.update(share, facts);
    this.byId.set(share.id, share);
    return share;
  }

  /** Applies the facts that are given. */
  update(share: Share, facts: ShareFacts): void {
    if (facts.permissions !== undefined) share.permissions = storedPermissions(facts.permissions, share.node);
    if (facts.label !== undefined) share.label = facts.label;
    if (facts.note !== undefined) share.note = facts.note;
    if (facts.expireDate !== undefined) share.expireDate = facts.expireDate || undefined;
    if (facts.hideDownload !== undefined) share.hideDownload = facts.hideDownload;
    if (facts.attributes !== undefined) share.attributes = facts.attributes || null;
    if (facts.password !== undefined) {
      share.password = facts.password || undefined;
      share.passwordHash = share.password === undefined ? null : shownHash(share.password);
    }
  }

  get(id: string): Share | undefined {
    const share = this.byId.get(id);
    return share !== undefined && this.pointsAtSomething(share) ? share : undefined;
  }

  delete(share: Share): void {
    this.byId.delete(share.id);
  }

  /** Links made by `ownerId`, oldest first. */
  ownedBy(ownerId: string): Share[] {
    return [...this.byId.values()].filter((share) => share.ownerId === ownerId && this.pointsAtSomething(share));
  }

  /** The link with this token, unless it has expired. */
  live(token: string): Share | undefined {
    const share = [...this.byId.values()].find((candidate) => candidate.token === token);
    if (share === undefined || !this.pointsAtSomething(share)) return undefined;
    return share.expireDate !== undefined && Date.parse(share.expireDate) < this.clock.nowMs() ? undefined : share;
  }

  private pointsAtSomething(share: Share): boolean {
    return this.tree.byId(share.node.id) === share.node;
  }
}

/** 1 comes back as 17 and, on a file, 15 as 19: the share bit is added, what makes no sense on a file is dropped (api.md 5.2). */
function storedPermissions(wanted: number, node: TreeNode): number {
  const allowed = node.kind === 'file' ? wanted & ~(permissionBits.create | permissionBits.delete) : wanted;
  return allowed | permissionBits.read | permissionBits.share;
}

function shownHash(password: string): string {
  const digest = createHash('sha256').update(password).digest('base64').replace(/=+$/, '');
  return `3|$argon2id$v=19$m=65536,t=4,p=1$${Buffer.from(randomText(16)).toString('base64').replace(/=+$/, '')}$${digest}`;
}
