/**
 * The certificate authority: a root that may be kept elsewhere, and the intermediate below it that issues. pki.ts issues with it; nothing here knows
 * agents. What state it is in follows from which files are there, and an interrupted change is completed when it is opened again.
 *
 * `root` and `issuing` are in use. While a new root is introduced, `next-root` (with its cross certificate by the present root) and `next-issuing` wait
 * beside them. When everybody trusts the new root, they take the place of the present ones, whose root stays as `old-root` until nobody needs it.
 */
import type { Clock } from '../ports.ts';
import { HarpError } from '../protocol/index.ts';
import {
  allowsCaBelow,
  createIssuer,
  generateKeyPem,
  type Issuer,
  type KeyPair,
  makeCrossCertificate,
  makeIssuingCertificate,
  makeRootCertificate,
} from './certificates.ts';
import { firstOf, isIssuedBy, isPair, joinPem, type PkiFiles } from './pki-files.ts';

/** What stands in the files now. Certificates in PEM. */
interface Held {
  root: string;
  issuing: KeyPair;
  /** A root that is introduced. `cross`: its key certified by the present root, then the present root's key certified by it. */
  next: { root: string; cross: string } | undefined;
  /** The root before the present one, with the same certificates. */
  old: { root: string; cross: string } | undefined;
}

export interface Authority {
  /** The root that the present intermediate hangs below. */
  root(): string;
  /** The intermediate's certificate: agents and services send it after their own. */
  issuing(): string;
  issuer(): Issuer;
  nextRoot(): string | undefined;
  oldRoot(): string | undefined;
  /** Every root that is trusted now. The first is the one that servers' chains end in, and that tokens pin. */
  roots(): readonly string[];
  /** What servers send after their own certificate. */
  serverChain(): string;
  /** While there are two roots: each one's key certified by the other, the newer first. */
  cross(): string | undefined;
  hasRootKey(): Promise<boolean>;
  /** A new intermediate below the present root. @throws {HarpError} `ca.root_absent`, `ca.rotation_pending` */
  rotateIssuing(): Promise<void>;
  /** Makes a new root and an intermediate below it, which wait until `promote`. @throws {HarpError} `ca.root_absent`, `ca.rotation_pending` */
  introduceRoot(): Promise<void>;
  /** Puts the waiting root and intermediate in the place of the present ones. */
  promote(): Promise<void>;
  /** Trusts the old root no longer. */
  dropOldRoot(): Promise<void>;
}

/**
 * Opens the authority, making what is missing.
 *
 * @throws {HarpError} `keys.damaged` when root and intermediate are not what belongs together: replacing them would lock out the fleet, so a person
 *   decides. `ca.root_absent` when an intermediate has to be made and the root's key is not here. `keys.wrong_master`.
 */
export async function openAuthority(files: PkiFiles, clock: Clock): Promise<Authority> {
  if ((await files.certificate('root')) === undefined) await settleRoot(files, clock);
  await removeKeyInClear(files);
  await completeSwitch(files);
  if ((await files.certificate('issuing')) === undefined) {
    await files.writePair('issuing', await makeIssuing(await rootWithKey(files), clock));
  }
  let held = await readHeld(files);
  let issuer = await createIssuer(held.issuing);
  const reread = async (): Promise<void> => {
    held = await readHeld(files);
    issuer = await createIssuer(held.issuing);
  };

  const refuseIfPending = (): void => {
    if (held.next !== undefined || held.old !== undefined) {
      throw new HarpError('ca.rotation_pending', 'the root CA is being replaced: see harp ca status');
    }
  };

  /** A new-style old root vouches for the present one in chains, so that those who never heard of the new one can still come in. */
  const endsInOld = (): boolean => held.old !== undefined && allowsCaBelow(held.old.root);

  return {
    root: () => held.root,
    issuing: () => held.issuing.certificate,
    issuer: () => issuer,
    nextRoot: () => held.next?.root,
    oldRoot: () => held.old?.root,
    roots: () => {
      const others = [held.next?.root, held.old?.root].filter((root) => root !== undefined);
      return endsInOld() ? [...others, held.root] : [held.root, ...others];
    },
    serverChain: () =>
      held.old !== undefined && endsInOld()
        ? joinPem(held.issuing.certificate, firstOf(held.old.cross), held.old.root)
        : joinPem(held.issuing.certificate, held.root),
    cross: () => held.next?.cross ?? held.old?.cross,
    hasRootKey: async () => (await files.key('root')) !== undefined,
    async rotateIssuing() {
      if (held.next !== undefined) refuseIfPending();
      await files.writePair('next-issuing', await makeIssuing(await rootWithKey(files), clock));
      await takeNextIssuing(files);
      await reread();
    },
    async introduceRoot() {
      refuseIfPending();
      const present = await rootWithKey(files);
      const key = generateKeyPem();
      const next = { key, certificate: await makeRootCertificate(key, clock.nowMs()) };
      await files.writeKey('next-root', key);
      const cross = [await makeCrossCertificate(next, present), await makeCrossCertificate(present, next)];
      await files.writeCertificate('next-cross', joinPem(...cross));
      await files.writePair('next-issuing', await makeIssuing(next, clock));
      // Last: it is what makes the others count.
      await files.writeCertificate('next-root', next.certificate);
      await reread();
    },
    async promote() {
      if (held.next === undefined) return;
      await takeNextIssuing(files);
      await takeNextRoot(files);
      await reread();
    },
    async dropOldRoot() {
      await files.remove('old-root', 'crt');
      await files.remove('cross', 'crt');
      await reread();
    },
  };
}

/** There is no `root.crt`: this installation is new, or has the single CA of older ones, whose key becomes the root's. */
async function settleRoot(files: PkiFiles, clock: Clock): Promise<void> {
  const certificate = await files.certificate('ca');
  const key = (await files.key('root')) ?? (await files.key('ca'));
  if (certificate === undefined) {
    // A key without a certificate is what a crash between the two writes leaves behind; nobody can have pinned it yet.
    const rootKey = key ?? generateKeyPem();
    await files.writePair('root', { key: rootKey, certificate: await makeRootCertificate(rootKey, clock.nowMs()) });
    return;
  }
  if (key === undefined) throw damaged(files, 'ca.key is missing: restore it from a backup');
  if (!isPair({ key, certificate })) {
    throw damaged(files, 'ca.key and ca.crt do not belong together: restore both from one backup');
  }
  await files.writePair('root', { key, certificate });
}

/** The key file of older installations goes once the root's has been read back. */
async function removeKeyInClear(files: PkiFiles): Promise<void> {
  const root = await files.pair('root');
  if (root !== undefined && isPair(root)) await files.remove('ca', 'key');
}

/** Completes a change that a crash cut short, or takes back one that had not begun to count. */
async function completeSwitch(files: PkiFiles): Promise<void> {
  const [root, nextRoot, nextIssuing, nextIssuingKey] = await Promise.all([
    files.certificate('root'),
    files.certificate('next-root'),
    files.certificate('next-issuing'),
    files.key('next-issuing'),
  ]);
  const isWaiting = nextIssuing !== undefined && nextRoot !== undefined && isIssuedBy(nextIssuing, nextRoot);
  const hasBegun = nextIssuing !== undefined && nextIssuingKey === undefined;
  if (hasBegun || (nextIssuing !== undefined && !isWaiting && isIssuedBy(nextIssuing, root!))) {
    await takeNextIssuing(files);
  } else if (!isWaiting) {
    await files.remove('next-issuing', 'key');
    await files.remove('next-issuing', 'crt');
  }
  const issuing = await files.certificate('issuing');
  if (issuing !== undefined && nextRoot !== undefined && isIssuedBy(issuing, nextRoot)) await takeNextRoot(files);
  if (nextRoot === undefined) {
    await files.remove('next-root', 'key');
    await files.remove('next-cross', 'crt');
  }
}

/** After this the intermediate is the new one, whatever happens in between: its key goes first, and a certificate alone is taken at the next start. */
async function takeNextIssuing(files: PkiFiles): Promise<void> {
  await files.move('next-issuing', 'issuing', 'key');
  await files.move('next-issuing', 'issuing', 'crt');
}

/** May be called again after a crash at any of its steps: `next-root.crt` goes last. */
async function takeNextRoot(files: PkiFiles): Promise<void> {
  const root = await files.certificate('root');
  if (root !== undefined) await files.writeCertificate('old-root', root);
  await files.move('next-root', 'root', 'key');
  await files.move('next-cross', 'cross', 'crt');
  await files.move('next-root', 'root', 'crt');
}

async function readHeld(files: PkiFiles): Promise<Held> {
  const [root, issuing, nextRoot, nextCross, oldRoot, cross] = await Promise.all([
    files.certificate('root'),
    files.pair('issuing'),
    files.certificate('next-root'),
    files.certificate('next-cross'),
    files.certificate('old-root'),
    files.certificate('cross'),
  ]);
  if (root === undefined) throw damaged(files, 'root.crt is missing: restore it from a backup');
  if (issuing === undefined) throw damaged(files, 'issuing.key is missing: restore it from a backup');
  if (!isPair(issuing)) {
    throw damaged(files, 'issuing.key and issuing.crt do not belong together: restore both from one backup');
  }
  if (!isIssuedBy(issuing.certificate, root)) {
    throw damaged(files, 'issuing.crt is not below root.crt: restore both from one backup');
  }
  const rootKey = await files.key('root');
  if (rootKey !== undefined && !isPair({ key: rootKey, certificate: root })) {
    throw damaged(files, 'root.key and root.crt do not belong together: restore both from one backup');
  }
  return {
    root,
    issuing,
    next: nextRoot === undefined || nextCross === undefined ? undefined : { root: nextRoot, cross: nextCross },
    old: oldRoot === undefined || cross === undefined ? undefined : { root: oldRoot, cross },
  };
}

async function rootWithKey(files: PkiFiles): Promise<KeyPair> {
  const root = await files.pair('root');
  if (root === undefined) {
    throw new HarpError(
      'ca.root_absent',
      'the key of the root CA is not on this server: give the folder it was exported to (--root DIR)',
    );
  }
  return root;
}

async function makeIssuing(root: KeyPair, clock: Clock): Promise<KeyPair> {
  const key = generateKeyPem();
  return { key, certificate: await makeIssuingCertificate(key, root, clock.nowMs()) };
}

function damaged(files: PkiFiles, what: string): HarpError {
  return new HarpError('keys.damaged', `${files.dir}: ${what}`);
}
