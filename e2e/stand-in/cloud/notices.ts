import { type Clock, nowSeconds } from './clock.ts';

/** A notification an administrator sent to a user. */
export interface Notice {
  readonly id: number;
  readonly userId: string;
  readonly atSeconds: number;
  readonly subject: string;
  readonly message: string;
}

/** Notifications of all users, newest last. */
export class Notices {
  private notices: Notice[] = [];
  private lastId = 0;

  constructor(private readonly clock: Clock) {}

  send(userId: string, subject: string, message: string): void {
    this.lastId += 1;
    this.notices.push({ id: this.lastId, userId, atSeconds: nowSeconds(this.clock), subject, message });
  }

  /** Newest first. */
  of(userId: string): Notice[] {
    return this.notices.filter((notice) => notice.userId === userId).reverse();
  }

  /** Removes one notification of the user, or all when no id is given. */
  dismiss(userId: string, id?: number): void {
    this.notices = this.notices.filter((notice) => notice.userId !== userId || (id !== undefined && notice.id !== id));
  }
}
