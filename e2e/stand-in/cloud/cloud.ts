import { Accounts, type NewUser } from './accounts.ts';
import { ActivityLog } from './activity-log.ts';
import { BruteForceGuard } from './brute-force.ts';
import type { Clock } from './clock.ts';
import { bufferContent } from './content.ts';
import type { ContentStore } from './content-store.ts';
import { DirectLinks } from './direct-links.ts';
import { LoginFlows } from './login-flows.ts';
import { Notices } from './notices.ts';
import { OAuthClients } from './oauth-clients.ts';
import { Shares } from './shares.ts';
import { TeamFolders } from './team-folders.ts';
import { Tree } from './tree.ts';
import { Uploads } from './uploads.ts';

/** Rules of the instance that an administrator would set. */
export interface SharePolicy {
  /** Links without a password are refused. */
  passwordEnforced?: boolean | undefined;
  /** Longest life of a link in days; a link made without a date gets the longest. */
  maxExpireDays?: number | undefined;
  /** False: public DAV wants `X-Requested-With: XMLHttpRequest` (api.md 5.1). Default true. */
  outgoingFederation?: boolean | undefined;
}

/** What the stand-in knows and remembers. Handlers read and change it; nothing in this folder speaks HTTP. */
export interface Cloud {
  readonly clock: Clock;
  /** Four numbers, such as `27.1.10.0`. */
  readonly version: string;
  /** Suffix of `oc:id` and `OC-FileId`. */
  readonly instanceId: string;
  readonly store: ContentStore;
  readonly tree: Tree;
  readonly accounts: Accounts;
  readonly bruteForce: BruteForceGuard;
  readonly shares: Shares;
  readonly directLinks: DirectLinks;
  readonly logins: LoginFlows;
  readonly oauthClients: OAuthClients;
  readonly uploads: Uploads;
  readonly activity: ActivityLog;
  readonly notices: Notices;
  readonly teamFolders: TeamFolders;
  readonly policy: SharePolicy;
  maintenance: boolean;
}

/** Facts that differ from one stand-in to the next. */
export interface CloudOptions {
  clock: Clock;
  store: ContentStore;
  version: string;
  users: readonly NewUser[];
  policy: SharePolicy;
  bruteForceProtection: boolean;
}

/** A cloud with its first users; their folders are empty. */
export function createCloud(options: CloudOptions): Cloud {
  const { clock, store, version, policy } = options;
  const tree = new Tree(clock);
  const accounts = new Accounts(clock);
  for (const user of options.users) accounts.addUser(user);
  return {
    clock,
    version,
    instanceId: 'ocstandin001',
    store,
    tree,
    accounts,
    bruteForce: new BruteForceGuard(clock, options.bruteForceProtection),
    shares: new Shares(clock, tree),
    directLinks: new DirectLinks(clock),
    logins: new LoginFlows(),
    oauthClients: new OAuthClients(),
    uploads: new Uploads(),
    activity: new ActivityLog(clock, tree),
    notices: new Notices(clock),
    teamFolders: new TeamFolders(),
    policy,
    maintenance: false,
  };
}

/** First number of the version. */
export function majorOf(cloud: Cloud): number {
  return Number(cloud.version.split('.')[0]);
}

const welcomeText = 'Welcome to the Harp stand-in for Nextcloud. '.repeat(4).slice(0, 163).concat('\n');

/**
 * What a real server does at the first login of a user who was made through the API: the example file, a calendar and an address book.
 * Users given at the start do not get them, so that tests begin with an empty folder.
 */
export function setUpHome(cloud: Cloud, userId: string): void {
  const root = cloud.tree.rootOf(userId);
  const welcome = () => bufferContent(Buffer.from(welcomeText));
  cloud.tree.writeFile(root, 'welcome.txt', welcome(), {});
  cloud.tree.writeFile(root, 'welcome.txt', welcome(), {});
  const actor = { type: 'user', id: userId, name: cloud.accounts.users.get(userId)?.displayName ?? userId };
  for (const [kind, app, subject] of [
    ['calendar', 'calendar', 'You created calendar {calendar}'],
    ['addressbook', 'contacts', 'You created address book {addressbook}'],
  ] as const) {
    cloud.activity.record({
      userId,
      actorId: userId,
      app: 'dav',
      type: app,
      subject,
      files: {},
      others: { actor, [kind]: { type: kind, id: 1, name: 'Personal' } },
      object: { type: kind, id: 1, name: '' },
      icon: `/core/img/places/${app}.svg`,
    });
  }
}
