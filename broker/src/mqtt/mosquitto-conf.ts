import { limits } from '../protocol/index.ts';

/** Topic, packet id and header around the largest payload. */
const PACKET_OVERHEAD_BYTES = 1024;

/** Messages that wait for one client that is away or slow: ingest's, for agents keep none. Reports are repeated until they are acknowledged. */
const QUEUED_MESSAGES = 10_000;
const QUEUED_BYTES = 64 * 1024 * 1024;

/** As the embedded broker has it. */
const MAX_CONNECTIONS = 10_000;

interface MosquittoPlace {
  /** TCP port, on all addresses. */
  listen: number;
  /** Folder in which the broker finds the files of the kit. */
  place: string;
  /** Folder in which it keeps retained messages. */
  data: string;
}

/**
 * The configuration of a Mosquitto (2.0) that carries a fleet and nothing else: a whole file, not to be mixed with another. A client is whom its
 * certificate names, under that name as its client id, so that nobody can take another's connection over.
 */
export function mosquittoConf({ listen, place, data }: MosquittoPlace): string {
  const folder = place.replace(/\/+$/, '');
  return `# Mosquitto for Harp, written by: harp mqtt config
# Rights are in the file acl, which the server writes anew when the fleet changes. SIGHUP makes Mosquitto read acl and server.crt again.
per_listener_settings true

listener ${listen}
protocol mqtt
tls_version tlsv1.3
cafile ${folder}/ca.crt
certfile ${folder}/server.crt
keyfile ${folder}/server.key
require_certificate true
use_identity_as_username true
use_username_as_clientid true
allow_anonymous false
allow_zero_length_clientid false
acl_file ${folder}/acl
max_qos 1
max_connections ${MAX_CONNECTIONS}

max_packet_size ${limits.mqttPayloadMaxBytes + PACKET_OVERHEAD_BYTES}
max_inflight_messages 20
max_queued_messages ${QUEUED_MESSAGES}
max_queued_bytes ${QUEUED_BYTES}
queue_qos0_messages false
persistent_client_expiration 1d
set_tcp_nodelay true

# Retained messages and what waits for the server survive a restart.
persistence true
persistence_location ${data.replace(/\/*$/, '/')}
autosave_interval 60

# Nothing about this broker for its clients; for its owner the journal.
sys_interval 0
log_dest stderr
log_type error
log_type warning
log_type notice
`;
}
