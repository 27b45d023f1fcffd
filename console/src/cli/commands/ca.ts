/** `harp ca …`: the certificate authority, on the server's own machine. */
import { resolve } from 'node:path';
import type { AuthorityStatus } from '@harp/broker/protocol';
import type { MasterKeyOptions } from '@harp/broker/protocol/node';
import type { AuthorityClient } from '../authority-client.ts';
import { usageFailure } from '../failure.ts';
import type { CliPorts } from '../ports.ts';
import { instantInWords } from '../quantities.ts';
import { exportRoot, hasRootKey, importRoot, makePassphrase, readPassphrase, removeRootKey } from '../root-copy.ts';
import { tableLines } from '../table.ts';

const stateInWords = { present: 'in use', next: 'being introduced', old: 'on its way out' } as const;

export async function caStatus(client: AuthorityClient, { json }: { json: boolean }, { out }: CliPorts): Promise<void> {
  const status = await client.status();
  out(json ? `${JSON.stringify(status)}\n` : `${statusLines(status).join('\n')}\n`);
}

/** `root` and `passphraseFile` bring back, for this command only, a root that was taken away. */
export async function caRotate(
  client: AuthorityClient,
  place: MasterKeyOptions,
  {
    what,
    json,
    ...options
  }: {
    what: string;
    force: boolean;
    root: string | undefined;
    passphraseFile: string | undefined;
    json: boolean;
  },
  { out, err, cwd }: CliPorts,
): Promise<void> {
  if (what !== 'issuing' && what !== 'root') throw usageFailure('harp ca rotate issuing, or harp ca rotate root');
  const isBorrowed = options.root !== undefined && !(await hasRootKey(place));
  if (options.root !== undefined && isBorrowed) {
    if (options.passphraseFile === undefined) throw usageFailure('--root needs --passphrase-file FILE');
    await importRoot(place, resolve(cwd, options.root), await readPassphrase(resolve(cwd, options.passphraseFile)));
  }
  let status: AuthorityStatus;
  try {
    status = await client.rotate({ what, force: options.force });
  } finally {
    if (isBorrowed) await removeRootKey(place);
  }
  if (json) out(`${JSON.stringify(status)}\n`);
  else {
    out(`${statusLines(status).join('\n')}\n`);
    if (what === 'root' && status.waiting !== null)
      err('It goes on by itself as agents come by; harp ca status shows how far. Back up HARP_DATA/pki now.\n');
  }
}

/** Prints the passphrase on standard output, once, unless it was given. */
export async function caExport(
  place: MasterKeyOptions,
  options: { root: string; remove: boolean; passphraseFile: string | undefined; json: boolean },
  { out, err, cwd }: CliPorts,
): Promise<void> {
  const folder = resolve(cwd, options.root);
  const given =
    options.passphraseFile === undefined ? undefined : await readPassphrase(resolve(cwd, options.passphraseFile));
  const passphrase = given ?? makePassphrase();
  await exportRoot(place, folder, passphrase);
  if (options.remove) await removeRootKey(place);
  if (options.json) {
    out(
      `${JSON.stringify({ folder, removed: options.remove, passphrase: given === undefined ? passphrase : null })}\n`,
    );
    return;
  }
  err(`The root CA is in ${folder}; the copy was read back and signs.\n`);
  if (options.remove) err('Its key is no longer on this server. Without the copy, no new intermediate can be made.\n');
  if (given === undefined) {
    err('Its passphrase, shown once; keep it apart from the copy:\n');
    out(`${passphrase}\n`);
  }
}

function statusLines({ roots, issuing, rootKeyHere, agents, waiting }: AuthorityStatus): string[] {
  const lines = tableLines(
    ['ROOT CA', 'SHA-256', 'STATE', 'ENDS (UTC)', 'TRUSTED BY', 'AGENTS BELOW'],
    roots.map((root) => [
      root.name,
      root.fingerprint.slice(0, 16),
      stateInWords[root.state],
      instantInWords(root.endsAtMs),
      `${root.trustedBy}/${agents}`,
      `${root.agentsBelow}/${agents}`,
    ]),
  );
  lines.push(
    '',
    `Issuing CA: ${issuing.name} (${issuing.fingerprint.slice(0, 16)}), until ${instantInWords(issuing.endsAtMs)} UTC, certificates of ${issuing.agents}/${agents} agents`,
    rootKeyHere
      ? 'Root key: on this server; take it away with harp ca export --root DIR --remove'
      : 'Root key: not on this server',
  );
  if (waiting !== null) {
    const reason = waiting.for === 'trust' ? 'learn the new root' : 'get a certificate below the new root';
    lines.push('', `Waiting for ${waiting.agents} of ${agents} agents to ${reason}:`);
    lines.push(...waiting.some.map(({ id, hostname }) => `  ${hostname} (${id.slice(0, 8)})`));
    if (waiting.agents > 0)
      lines.push('Revoke those that will not come back, or take the step without them: harp ca rotate root --force');
  }
  return lines;
}
