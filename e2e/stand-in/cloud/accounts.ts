import type { Clock } from './clock.ts';
import { randomText } from './random-text.ts';

/** A user to create. Members of the group `admin` may do everything. */
export interface NewUser {
  id: string;
  password: string;
  displayName?: string | undefined;
  groups?: readonly string[] | undefined;
}

/** One account. Times in Unix milliseconds; 0 = never. */
export interface User {
  readonly id: string;
  password: string;
  displayName: string;
  email: string | null;
  enabled: boolean;
  /** False until the first login of a user made through the API; see `setUpHome`. */
  homeReady: boolean;
  lastLoginMs: number;
}

/** A device token; its 72-character secret is the key under which it is kept. */
export interface AppPassword {
  readonly id: number;
  readonly userId: string;
  readonly name: string;
}

/** How a pair of login name and password was judged. */
export type Verdict =
  | { kind: 'ok'; user: User; appPassword: string | undefined }
  | { kind: 'wrong' }
  | { kind: 'disabled'; user: User };

/** Users, groups and app passwords. Passwords are kept as they are: this is a server for tests. */
export class Accounts {
  /** In the order of their creation, which is the order of `users/details`. */
  readonly users = new Map<string, User>();
  private readonly groups = new Map<string, Set<string>>([['admin', new Set()]]);
  private readonly appPasswords = new Map<string, AppPassword>();
  private lastTokenId = 0;

  constructor(private readonly clock: Clock) {}

  /** Returns false when the id is taken. `homeReady` false: the first login brings the example files. */
  addUser(user: NewUser, homeReady = true): boolean {
    if (this.users.has(user.id)) return false;
    const { id, password, displayName = user.id } = user;
    this.users.set(id, { id, password, displayName, email: null, enabled: true, homeReady, lastLoginMs: 0 });
    for (const group of user.groups ?? []) this.addToGroup(id, group);
    return true;
  }

  removeUser(id: string): boolean {
    for (const members of this.groups.values()) members.delete(id);
    this.revokeAll(id);
    return this.users.delete(id);
  }

  /** Returns false when the group exists. */
  addGroup(id: string): boolean {
    if (this.groups.has(id)) return false;
    this.groups.set(id, new Set());
    return true;
  }

  removeGroup(id: string): boolean {
    return this.groups.delete(id);
  }

  /** Creates the group when it is new. */
  addToGroup(userId: string, group: string): void {
    const members = this.groups.get(group) ?? new Set();
    this.groups.set(group, members.add(userId));
  }

  removeFromGroup(userId: string, group: string): void {
    this.groups.get(group)?.delete(userId);
  }

  groupIds(): string[] {
    return [...this.groups.keys()].sort();
  }

  /** Undefined when there is no such group. */
  membersOf(group: string): string[] | undefined {
    const members = this.groups.get(group);
    return members && [...members].sort();
  }

  groupsOf(userId: string): string[] {
    return this.groupIds().filter((group) => this.groups.get(group)?.has(userId));
  }

  isAdmin(userId: string): boolean {
    return this.groups.get('admin')?.has(userId) ?? false;
  }

  /** Judges login name and password; the password may be an app password of that user. */
  verify(login: string, password: string): Verdict {
    const user = this.users.get(login);
    const appPassword = this.appPasswords.get(password);
    const byToken = user !== undefined && appPassword?.userId === user.id;
    if (user === undefined || !(byToken || user.password === password)) return { kind: 'wrong' };
    return this.admit(user, byToken ? password : undefined);
  }

  /** Judges an app password sent as a bearer token. */
  verifyBearer(secret: string): Verdict {
    const user = this.users.get(this.appPasswords.get(secret)?.userId ?? '');
    return user === undefined ? { kind: 'wrong' } : this.admit(user, secret);
  }

  /** Makes an app password and returns its secret and number. */
  createAppPassword(userId: string, name: string): { secret: string; id: number } {
    this.lastTokenId += 1;
    const secret = randomText(72);
    this.appPasswords.set(secret, { id: this.lastTokenId, userId, name });
    return { secret, id: this.lastTokenId };
  }

  revoke(secret: string): boolean {
    return this.appPasswords.delete(secret);
  }

  /** Revokes every app password of a user; returns how many there were. */
  revokeAll(userId: string): number {
    const secrets = [...this.appPasswords].filter(([, token]) => token.userId === userId).map(([secret]) => secret);
    for (const secret of secrets) this.appPasswords.delete(secret);
    return secrets.length;
  }

  private admit(user: User, appPassword: string | undefined): Verdict {
    if (!user.enabled) return { kind: 'disabled', user };
    user.lastLoginMs = Math.floor(this.clock.nowMs() / 1000) * 1000;
    return { kind: 'ok', user, appPassword };
  }
}
