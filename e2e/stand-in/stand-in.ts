/**
 * A stand-in for Nextcloud: the parts of its WebDAV, public share and OCS interfaces that Harp uses, as recorded from version 27, plus
 * what tests need on top: paced office lines, faults, and an account of every byte served. For tests, the demo and benchmarks only;
 * production code never imports this folder. It must agree with ../shared/nextcloud/recordings; recordings.test.ts holds it to that.
 */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { NewUser } from './cloud/accounts.ts';
import { type Clock, systemClock } from './cloud/clock.ts';
import { type Cloud, createCloud, type SharePolicy } from './cloud/cloud.ts';
import { diskStore, memoryStore } from './cloud/content-store.ts';
import { descend, namesIn } from './cloud/nodes.ts';
import type { OAuthClient } from './cloud/oauth-clients.ts';
import type { ShareFacts } from './cloud/shares.ts';
import { grantLogin } from './ocs/login.ts';
import { type TreeAccess, treeAccess } from './tree-access.ts';
import { Faults } from './wire/faults.ts';
import { Ledger, type Stats } from './wire/ledger.ts';
import { OfficeLines } from './wire/office-lines.ts';
import { createGateServer } from './wire/server.ts';

/** How to set up a stand-in. */
export interface StandInOptions {
  /** Address to listen on. Default 127.0.0.1. */
  host?: string | undefined;
  /** Default 0: any free port. */
  port?: number | undefined;
  /** PEM texts; with them the server speaks HTTPS only. */
  tls?: { key: string | Buffer; cert: string | Buffer } | undefined;
  /** First users, with empty folders. A member of the group `admin` is an administrator. */
  users: readonly NewUser[];
  /** Sub-path of the installation, such as `/nextcloud`. Default: none. */
  basePath?: string | undefined;
  /** Where uploaded bytes go, under `blobs`; what an earlier run left there is removed. Default: memory. */
  dataDir?: string | undefined;
  /** Four numbers. Default `27.1.10.0`, the version of the recordings. */
  version?: string | undefined;
  /** Rate of each office's line; an office is the label of a share. Default: no limit. */
  wanBytesPerSecondPerOffice?: number | undefined;
  /** Shut out addresses after more than ten failed logins. Default false. */
  bruteForceProtection?: boolean | undefined;
  sharePolicy?: SharePolicy | undefined;
  /** Default: the real one. */
  clock?: Clock | undefined;
  /** Told of errors that are the stand-in's own, not part of a test. Default: standard error. */
  onError?: ((error: unknown) => void) | undefined;
}

/** A public link as a test needs it. */
interface LinkFacts {
  id: string;
  token: string;
  url: string;
}

/** A running stand-in and the ways to act on it from within the same process. */
export interface StandIn extends TreeAccess {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly faults: Faults;
  /** Counts of everything served since the start or `resetStats`. */
  stats(): Stats;
  resetStats(): void;
  /** Rate of one office's line, or of all without a rate of their own; undefined lifts the limit. Answers under way keep theirs. */
  setWanRate(bytesPerSecond: number | undefined, label?: string): void;
  setMaintenance(on: boolean): void;
  /** Switching it either way forgets all failures. */
  setBruteForceProtection(on: boolean): void;
  /** Returns false when the id is taken. */
  addUser(user: NewUser): boolean;
  setUserEnabled(userId: string, enabled: boolean): void;
  setPassword(userId: string, password: string): void;
  /** Returns the secret. */
  createAppPassword(userId: string, name: string): string;
  /** Revokes every app password of a user; returns how many there were. */
  revokeAppPasswords(userId: string): number;
  /** Makes a public link, read-only unless `facts.permissions` says more. */
  createLink(userId: string, path: string, facts?: ShareFacts): LinkFacts;
  /** Returns false when there was no such link. */
  deleteLink(id: string): boolean;
  /** Grants a Login Flow v2 as its user would in the browser; `login` is the URL the flow was started with. */
  grantLogin(login: string, userId: string): boolean;
  /** Lets a program sign people in; they are sent back to `redirectUri`. */
  registerOAuthClient(redirectUri: string): OAuthClient;
  /** Ends all connections and removes the bytes in `dataDir`. */
  close(): Promise<void>;
}

/** Starts a stand-in; it accepts requests when the promise resolves. */
export async function createStandIn(options: StandInOptions): Promise<StandIn> {
  const clock = options.clock ?? systemClock;
  const host = options.host ?? '127.0.0.1';
  const basePath = (options.basePath ?? '').replace(/\/$/, '');
  const cloud = createCloud({
    clock,
    store: options.dataDir === undefined ? memoryStore() : await diskStore(options.dataDir),
    version: options.version ?? '27.1.10.0',
    users: options.users,
    policy: options.sharePolicy ?? {},
    bruteForceProtection: options.bruteForceProtection ?? false,
  });
  const faults = new Faults();
  const ledger = new Ledger();
  const lines = new OfficeLines(clock, options.wanBytesPerSecondPerOffice);
  const onError = options.onError ?? ((error: unknown) => console.error('stand-in:', error));
  const server = createGateServer({ cloud, basePath, faults, ledger, lines, onError }, options.tls);
  server.listen(options.port ?? 0, host);
  await once(server, 'listening');

  const { port } = server.address() as AddressInfo;
  const shownHost = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const url = `${options.tls === undefined ? 'http' : 'https'}://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${port}${basePath}`;
  return {
    url,
    faults,
    ...treeAccess(cloud),
    ...accountAccess(cloud, url),
    stats: () => ledger.stats(),
    resetStats: () => ledger.reset(),
    setWanRate: (bytesPerSecond, label) => lines.setRate(bytesPerSecond, label),
    setMaintenance(on) {
      cloud.maintenance = on;
    },
    setBruteForceProtection(on) {
      cloud.bruteForce.enabled = on;
      cloud.bruteForce.reset();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      await cloud.store.dispose();
    },
  };
}

type AccountAccess = Pick<
  StandIn,
  | 'addUser'
  | 'setUserEnabled'
  | 'setPassword'
  | 'createAppPassword'
  | 'revokeAppPasswords'
  | 'createLink'
  | 'deleteLink'
  | 'grantLogin'
  | 'registerOAuthClient'
>;

function accountAccess(cloud: Cloud, url: string): AccountAccess {
  const { accounts, shares, tree } = cloud;
  const need = (userId: string) => {
    const user = accounts.users.get(userId);
    if (user === undefined) throw new Error(`there is no user ${userId}`);
    return user;
  };
  return {
    addUser: (user) => accounts.addUser(user),
    setUserEnabled(userId, enabled) {
      need(userId).enabled = enabled;
    },
    setPassword(userId, password) {
      need(userId).password = password;
    },
    createAppPassword: (userId, name) => accounts.createAppPassword(need(userId).id, name).secret,
    revokeAppPasswords: (userId) => accounts.revokeAll(userId),
    createLink(userId, path, facts = {}) {
      const node = descend(tree.rootOf(need(userId).id), namesIn(path));
      if (node === undefined) throw new Error(`${userId} has nothing at ${path}`);
      const { id, token } = shares.create(userId, node, facts);
      return { id, token, url: `${url}/s/${token}` };
    },
    deleteLink(id) {
      const share = shares.get(id);
      if (share !== undefined) shares.delete(share);
      return share !== undefined;
    },
    registerOAuthClient: (redirectUri) => cloud.oauthClients.register(redirectUri),
    grantLogin: (login, userId) => grantLogin(cloud, new URL(login).pathname.split('/').at(-1) ?? '', need(userId).id),
  };
}
