/**
 * Every code a caller may branch on, with what follows from it. Append only: agents in the field know the old ones.
 * `retry` says what helps: never, the same place later, or another peer. `status` is the HTTP status that carries it.
 */
export const errorCodes = {
  'protocol.invalid_topic': { retry: 'never', status: 400, title: 'A topic parameter holds a reserved character' },
  'protocol.invalid_message': { retry: 'never', status: 400, title: 'A message does not match its schema' },
  'protocol.too_large': { retry: 'never', status: 413, title: 'A message or body exceeds its limit' },
  'protocol.version_unsupported': {
    retry: 'never',
    status: 426,
    title: 'The other side speaks a protocol too old or too new',
  },
  'canonical.not_representable': { retry: 'never', status: 400, title: 'A value has no canonical JSON form' },
  'manifest.malformed': { retry: 'other-peer', status: 502, title: 'A manifest does not follow its format' },
  'chain.bad_previous': { retry: 'never', status: 500, title: 'A previous link must have 32 bytes' },
  'chain.link_mismatch': { retry: 'never', status: 502, title: 'An entry does not lead to the link that was signed' },
  'chain.sequence_gap': { retry: 'never', status: 502, title: 'Entries do not follow each other without a gap' },
  'chain.signature_invalid': { retry: 'never', status: 502, title: 'A signature does not match the pinned key' },
  'chain.rollback': { retry: 'never', status: 409, title: 'A head is older than one already verified' },
  'chain.fork': { retry: 'never', status: 409, title: 'Two signed heads disagree about the same entry' },
  'chain.malformed': { retry: 'other-peer', status: 502, title: 'A segment or snapshot does not follow its format' },
  'chunk.digest_mismatch': { retry: 'other-peer', status: 502, title: 'Bytes do not match their hash' },
  'chunk.absent': { retry: 'other-peer', status: 404, title: 'This peer does not hold that chunk' },
  'blob.absent': { retry: 'backoff', status: 404, title: 'No such blob in this folder' },
  'blob.digest_mismatch': { retry: 'other-peer', status: 502, title: 'A blob does not match its hash' },
  'peer.unreachable': { retry: 'other-peer', status: 503, title: 'A peer does not answer' },
  'peer.not_in_roster': { retry: 'never', status: 403, title: 'The signed roster does not list this agent' },
  'peer.folder_not_shared': {
    retry: 'other-peer',
    status: 403,
    title: 'The roster does not list this agent for that folder',
  },
  'peer.stalled': { retry: 'other-peer', status: 504, title: 'A peer makes no progress' },
  'peer.busy': { retry: 'backoff', status: 429, title: 'A peer serves as many requests as it may' },
  'peer.bad_request': { retry: 'never', status: 400, title: 'A request does not follow the peer API' },
  'name.refused': { retry: 'never', status: 422, title: 'A name cannot be stored on this computer' },
  'file.locally_changed': { retry: 'never', status: 409, title: 'A file was changed on this computer' },
  'disk.full': { retry: 'backoff', status: 507, title: 'The disk is full' },
  'disk.failed': { retry: 'backoff', status: 500, title: 'The disk refused an operation' },
  'origin.unreachable': { retry: 'backoff', status: 503, title: 'Nextcloud does not answer' },
  'origin.unauthorised': { retry: 'never', status: 401, title: 'Nextcloud refused the credential' },
  'origin.throttled': { retry: 'backoff', status: 429, title: 'Nextcloud blocks this network for too many failures' },
  'origin.maintenance': { retry: 'backoff', status: 503, title: 'Nextcloud is in maintenance mode' },
  'origin.changed': { retry: 'never', status: 412, title: 'The file changed in Nextcloud' },
  'origin.not_found': { retry: 'never', status: 404, title: 'Nextcloud does not have that file' },
  'origin.range_ignored': { retry: 'never', status: 502, title: 'Nextcloud or a proxy ignores byte ranges' },
  'origin.short_body': { retry: 'backoff', status: 502, title: 'Nextcloud sent fewer bytes than it announced' },
  'origin.unexpected': { retry: 'backoff', status: 502, title: 'Nextcloud gave an unexpected answer' },
  'enrolment.token_malformed': { retry: 'never', status: 400, title: 'The token is not a Harp enrolment token' },
  'enrolment.token_unknown': { retry: 'never', status: 401, title: 'The token is not known here' },
  'enrolment.token_expired': { retry: 'never', status: 401, title: 'The token has expired' },
  'enrolment.token_used_up': { retry: 'never', status: 401, title: 'The token has no uses left' },
  'enrolment.token_revoked': { retry: 'never', status: 401, title: 'The token was revoked' },
  'enrolment.csr_invalid': { retry: 'never', status: 400, title: 'The certificate request is not acceptable' },
  'enrolment.ca_mismatch': { retry: 'never', status: 495, title: 'The server is not the one the token names' },
  'enrolment.already_enrolled': { retry: 'never', status: 409, title: 'This state folder is enrolled already' },
  'identity.certificate_required': { retry: 'never', status: 401, title: 'A client certificate is required' },
  'identity.revoked': { retry: 'never', status: 403, title: 'This agent was revoked' },
  'broker.unreachable': { retry: 'backoff', status: 503, title: 'The broker does not answer' },
  'broker.not_allowed': { retry: 'never', status: 403, title: 'The topic is not yours' },
  'gateway.unreachable': { retry: 'backoff', status: 503, title: 'The gateway does not answer' },
  'gateway.rate_limited': { retry: 'backoff', status: 429, title: 'Too many requests from this address' },
  'fleet.invalid': { retry: 'never', status: 422, title: 'The fleet file has an error' },
  'fleet.conflict': { retry: 'never', status: 409, title: 'The change conflicts with what exists' },
  'api.unauthorised': { retry: 'never', status: 401, title: 'Sign in first' },
  'api.forbidden': { retry: 'never', status: 403, title: 'You may not do this' },
  'api.not_found': { retry: 'never', status: 404, title: 'There is no such thing' },
  'api.invalid': { retry: 'never', status: 400, title: 'The request is not valid' },
  'api.setup_done': { retry: 'never', status: 409, title: 'The first administrator exists already' },
  'origin.forbidden': { retry: 'never', status: 403, title: 'Nextcloud does not permit this' },
  'api.rate_limited': { retry: 'backoff', status: 429, title: 'Too many attempts' },
  'supervisor.already_running': { retry: 'never', status: 409, title: 'Harp already runs on this data folder' },
  'supervisor.port_in_use': { retry: 'never', status: 409, title: 'A port Harp needs is taken' },
  'supervisor.part_failed': { retry: 'backoff', status: 500, title: 'A part of Harp does not start' },
  'broker.rate_limited': {
    retry: 'backoff',
    status: 429,
    title: 'More messages or connections than one agent may have',
  },
  'gateway.busy': { retry: 'backoff', status: 503, title: 'The gateway serves as many requests as it may' },
  'gateway.method_not_allowed': { retry: 'never', status: 405, title: 'This path does not take that method' },
  'enrolment.not_ready': { retry: 'backoff', status: 503, title: 'The server cannot enrol yet' },
  'internal.unexpected': { retry: 'backoff', status: 500, title: 'Something unexpected happened' },
  'enrolment.server_unverified': {
    retry: 'never',
    status: 495,
    title: 'The server’s certificate does not fit its address',
  },
  'enrolment.clock_skew': { retry: 'never', status: 495, title: 'The clock of this computer is wrong' },
  'enrolment.intercepted': {
    retry: 'never',
    status: 502,
    title: 'Something between this computer and the server answers instead of it',
  },
  'agent.not_enrolled': { retry: 'never', status: 409, title: 'This computer is not enrolled' },
  'agent.certificate_expired': { retry: 'never', status: 401, title: 'The agent’s certificate has expired' },
  'agent.already_running': { retry: 'never', status: 409, title: 'An agent already runs with this state folder' },
  'agent.port_in_use': { retry: 'never', status: 409, title: 'The port for neighbours is taken' },
  'agent.state_damaged': { retry: 'never', status: 500, title: 'The state folder is damaged' },
  'agent.key_sealed': { retry: 'never', status: 500, title: 'The key of this agent does not open on this computer' },
  'agent.usage': { retry: 'never', status: 400, title: 'The command line is not complete' },
  'desired.wrong_agent': { retry: 'never', status: 409, title: 'A desired state is meant for another agent' },
  'job.not_cancellable': { retry: 'never', status: 409, title: 'This job cannot be cancelled' },
  'api.second_factor': { retry: 'never', status: 401, title: 'A second factor is needed' },
  'account.two_factor_on': { retry: 'never', status: 409, title: 'The second factor is on already' },
  'people.last_owner': { retry: 'never', status: 409, title: 'Nobody would be left who may do everything' },
  'people.name_taken': { retry: 'never', status: 409, title: 'Somebody has this name already' },
  'desired.rollback': { retry: 'never', status: 409, title: 'A desired state is older than the one followed' },
  'keys.wrong_master': { retry: 'never', status: 500, title: 'The master key is not the one that sealed this' },
  'keys.damaged': { retry: 'never', status: 500, title: 'A key file is damaged' },
  'ca.root_absent': { retry: 'never', status: 409, title: 'The key of the root CA is not on this server' },
  'enrolment.token_network': { retry: 'never', status: 403, title: 'The token may not be used from this network' },
  'enrolment.approval_needed': { retry: 'backoff', status: 409, title: 'Somebody has to let this computer in' },
  'enrolment.code_needed': {
    retry: 'backoff',
    status: 409,
    title: 'Somebody has to type the code that this computer shows',
  },
  'enrolment.code_mismatch': {
    retry: 'backoff',
    status: 409,
    title: 'The code was wrong, or somebody is in between',
  },
  'enrolment.duplicate': {
    retry: 'backoff',
    status: 409,
    title: 'An enrolled computer has the same hardware: somebody has to let this one in',
  },
  'enrolment.rule_paused': { retry: 'backoff', status: 409, title: 'The rule that lets it in is over its limit' },
  'enrolment.rejected': { retry: 'never', status: 403, title: 'Somebody declined to let this computer in' },
  'enrolment.blocked': { retry: 'never', status: 403, title: 'This computer is blocked from enrolling' },
  'enrolment.request_unknown': { retry: 'backoff', status: 404, title: 'The server knows no such request' },
  'enrolment.no_server': { retry: 'backoff', status: 503, title: 'No server was found on this network' },
  'ca.rotation_pending': { retry: 'never', status: 409, title: 'The root CA is being replaced already' },
  'account.passkey_refused': { retry: 'never', status: 403, title: 'The passkey was not accepted' },
  'account.linked_elsewhere': { retry: 'never', status: 409, title: 'That account belongs to somebody else here' },
  'provider.unreachable': { retry: 'backoff', status: 502, title: 'The sign-in provider does not answer' },
  'provider.refused': { retry: 'never', status: 403, title: 'The sign-in provider’s answer was not accepted' },
  'provider.stranger': { retry: 'never', status: 403, title: 'Nobody here has that account' },
} as const satisfies Record<string, { retry: 'never' | 'backoff' | 'other-peer'; status: number; title: string }>;

export type ErrorCode = keyof typeof errorCodes;

/** The one error type that crosses a border. Branch on `code`, never on text; `facts` may be shown to people and logs. */
export class HarpError extends Error {
  override readonly name = 'HarpError';
  readonly code: ErrorCode;
  /** What a person needs to act: names, numbers, positions. Never a secret. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; facts?: Record<string, string | number | boolean> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.facts = options.facts ?? {};
  }

  /** What helps: never, the same place later, or another peer. */
  get retry(): (typeof errorCodes)[ErrorCode]['retry'] {
    return errorCodes[this.code].retry;
  }

  /** The HTTP status that carries this code. */
  get status(): number {
    return errorCodes[this.code].status;
  }
}

/** Whether `error` is a HarpError, of this code if one is given. */
export function isHarpError(error: unknown, code?: ErrorCode): error is HarpError {
  return error instanceof HarpError && (code === undefined || error.code === code);
}
