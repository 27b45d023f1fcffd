/** Why a connection to the broker failed: what people are told, and can do something about. */
const mqttFailures = [
  'unreachable',
  'name_unknown',
  'other_name',
  'untrusted',
  'expired',
  'certificate_refused',
  'not_authorised',
  'other',
] as const;
export type MqttFailure = (typeof mqttFailures)[number];

const byCode: Readonly<Record<string, MqttFailure>> = {
  ECONNREFUSED: 'unreachable',
  ECONNRESET: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ETIMEDOUT: 'unreachable',
  EPIPE: 'unreachable',
  ENOTFOUND: 'name_unknown',
  EAI_AGAIN: 'name_unknown',
  ERR_TLS_CERT_ALTNAME_INVALID: 'other_name',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'expired',
  SELF_SIGNED_CERT_IN_CHAIN: 'untrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'untrusted',
  CERT_SIGNATURE_FAILURE: 'untrusted',
};

/** What an error of an MQTT client over TLS means. Codes are those of Node, OpenSSL and CONNACK (MQTT 3.1.1, 3.2.2.3). */
export function mqttFailureOf(error: unknown): MqttFailure {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 2 || code === 4 || code === 5) return 'not_authorised';
  if (typeof code === 'string') {
    // The other side's alert: it has looked at our certificate.
    if (/^ERR_SSL_.*ALERT/.test(code)) return 'certificate_refused';
    return byCode[code] ?? 'other';
  }
  return error instanceof AggregateError ? mqttFailureOf(error.errors[0]) : 'other';
}

/** In a sentence for the log, with what to do. */
export const mqttFailureInWords: Readonly<Record<MqttFailure, string>> = {
  unreachable: 'nothing answers there: does the broker run, is its port open from here?',
  name_unknown: 'its host name is not known here: look at HARP_MQTT_URL and DNS',
  other_name:
    'its certificate is for another name: harp ca issue-broker --name HOST makes one for the host in HARP_MQTT_URL',
  untrusted: 'its certificate is not below this Harp’s root CA: harp ca issue-broker makes one that is',
  expired: 'its certificate has ended, or a clock is wrong: harp ca issue-broker makes another',
  certificate_refused: 'it does not accept the certificate of this server: its cafile must be this Harp’s ca.crt',
  not_authorised:
    'it refuses this server: user names must be the common names of certificates (use_identity_as_username)',
  other: 'the log has the cause',
};
