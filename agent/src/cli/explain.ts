/**
 * The command line: `harp-agent enrol|run|status|verify`. Parses, calls, and tells people in one sentence what is wrong, why, and what to do. No
 * decision about files or peers is made here.
 */
import { type ErrorCode, errorCodes, HarpError } from '@harp/broker/protocol';

/** What `harp-agent` ends with. Scripts may rely on these numbers. */
export const exitCode = {
  done: 0,
  unexpected: 1,
  usage: 2,
  refused: 3,
  tryLater: 4,
  /** `status`: no agent runs. `verify`: files differ from what was signed. */
  negative: 5,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** The exit codes as `--help` shows them. */
export const exitCodeHelp = `
Exit codes:
  0  done
  1  something unexpected; run again with HARP_LOG=debug for details
  2  the command line is not right
  3  refused; the same again will not help
  4  not possible now; the same again later may work
  5  status: no agent runs here; verify: files differ from what was signed`;

/** An error in words for a person at the PC or a helpdesk that hears them read out. */
export interface Explanation {
  code: ErrorCode;
  /** What happened, in general. */
  title: string;
  /** What happened here. */
  cause: string;
  /** What to do now. */
  next: string;
  exitCode: ExitCode;
}

const newToken = 'Ask the person who runs Harp for a new token (“harp token create --office NAME”).';

/** What to do, by code. Codes that no command can meet fall back to what their retry rule says. */
const nextSteps: Partial<Record<ErrorCode, string>> = {
  'enrolment.token_malformed': 'Copy the whole token again, from “harp1.” to its last character, without line breaks.',
  'enrolment.token_unknown': newToken,
  'enrolment.token_expired': newToken,
  'enrolment.token_used_up': newToken,
  'enrolment.token_revoked': newToken,
  'enrolment.token_network': 'Use it in the network it is for, or ask the person who runs Harp for another token.',
  'enrolment.rejected': 'Ask the person who runs Harp. It may ask again after a day, or at once with another token.',
  'enrolment.blocked': 'Ask the person who runs Harp to unblock this computer in the console.',
  'enrolment.code_mismatch':
    'Try again; read the new code carefully. If it fails again, somebody on this network pretends to be your Harp server: tell the person who runs Harp.',
  'enrolment.no_server': 'Give a token (--token), leave an enrol.json, or have your DNS name the server (_harp._tcp).',
  'enrolment.csr_invalid': 'Install the version of harp-agent that belongs to your Harp server.',
  'enrolment.ca_mismatch':
    'Check that the token is from the server you mean. If it is, a proxy, firewall or virus scanner is opening the encrypted connection: exempt the server’s address from TLS inspection. If the server’s root CA was replaced while this computer was away, enrol it again with a new token.',
  'enrolment.server_unverified':
    'Set HARP_PUBLIC_HOST on the Harp server to the address that agents use, restart it and make a new token.',
  'enrolment.clock_skew': 'Set date, time and time zone of this computer (switch automatic time on) and try again.',
  'enrolment.intercepted':
    'Open the server’s port for this computer in the proxy or firewall; Harp connects directly, never through an HTTP proxy. On guest Wi-Fi, sign in first.',
  'enrolment.already_enrolled':
    'It is ready: start it with “harp-agent run”. To make it another agent, use an empty state folder and revoke the old agent in the console.',
  'agent.key_sealed':
    'If this computer’s disk or state folder was copied from another one, empty the state folder and enrol it as a computer of its own.',
  'enrolment.not_ready': 'The server is still starting for the first time. Try again in a minute.',
  'gateway.unreachable':
    'Check that this computer is on the network, that the Harp server runs, and that no firewall blocks its port.',
  'gateway.rate_limited': 'Wait a minute, then try again.',
  'broker.unreachable':
    'Check that the Harp server runs and that no firewall blocks its port. Files go on between neighbours.',
  'identity.revoked':
    'This computer was revoked in the console. Enrol it again with a new token and an empty state folder.',
  'identity.certificate_required': 'Enrol this computer again with a new token.',
  'protocol.version_unsupported': 'Install the version of harp-agent that belongs to your Harp server.',
  'protocol.invalid_message': 'Install the version of harp-agent that belongs to your Harp server.',
  'agent.not_enrolled': 'Run “harp-agent enrol --token TOKEN --state DIR” first, with the same DIR.',
  'agent.certificate_expired':
    'It was switched off for too long. Run “harp-agent enrol” again with a new token and the same state folder; files and identity stay.',
  'agent.already_running': 'Stop that process first, or give each agent a state folder of its own.',
  'agent.port_in_use': 'Choose another port with --peer-port, or --peer-port 0 for any free one.',
  'agent.state_damaged':
    'Restore the state folder from a backup, or enrol again with an empty one; files already here are adopted.',
  'agent.usage': 'Run “harp-agent --help”.',
  'disk.full': 'Free some space on that disk.',
  'disk.failed': 'Check that this user may read and write there, and that the disk is healthy.',
  'internal.unexpected':
    'Run the command again with HARP_LOG=debug and send what it prints to the person who runs Harp.',
};

/** `error` in words. Anything that is not a HarpError is `internal.unexpected`. */
export function explain(error: unknown): Explanation {
  const known = error instanceof HarpError ? error : unexpected(error);
  const { retry, title } = errorCodes[known.code];
  const later = retry !== 'never';
  return {
    code: known.code,
    title,
    cause: known.message,
    next: nextSteps[known.code] ?? (later ? 'Try again in a few minutes.' : 'Tell the person who runs Harp.'),
    exitCode: exitCodeOf(known.code, later),
  };
}

/** The explanation as lines for a terminal. */
export function explanationText({ code, title, cause, next }: Explanation): string {
  return `harp-agent: ${title}: ${sentence(cause)}\n  What to do: ${next}\n  (${code})\n`;
}

function exitCodeOf(code: ErrorCode, later: boolean): ExitCode {
  if (code === 'internal.unexpected') return exitCode.unexpected;
  if (code === 'agent.usage') return exitCode.usage;
  return later ? exitCode.tryLater : exitCode.refused;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function unexpected(error: unknown): HarpError {
  const message = error instanceof Error ? error.message : String(error);
  return new HarpError('internal.unexpected', message, { cause: error });
}
