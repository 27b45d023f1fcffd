/** What the API needs of the rest of the server. Narrow on purpose: a test passes fakes for what it does not look at. */
import type { SigningKey } from '@harp/broker/protocol';
import type { PrismaClient } from '@harp/prisma';
import type { AuditVerifyResult, VerifyResult } from '../../api/schemas.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Auth } from '../auth/auth.ts';
import type { Fleet } from '../fleet/apply.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { LiveHub } from '../live/hub.ts';
import type { LogChannels } from '../logs/port.ts';
import type { Clock, Logger, RandomBytes } from '../ports.ts';
import type { BrokerFacts } from '../publisher/broker-facts.ts';
import type { Accounts } from '../sign-in/accounts.ts';
import type { Providers } from '../sign-in/providers.ts';

/** Where `harp chain export` puts the files of an export: one after another, never in parallel. */
export interface ExportSink {
  file(path: string, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
}

/** The folders' side of the server, as the API uses it. `folder` ids are checked: they exist. */
export interface FolderServices {
  /** Indexes now instead of at the next poll. Returns at once. */
  reindex(folder: string): void;
  verify(
    folder: string,
    signal: AbortSignal,
    onProgress?: (done: number, total: number) => void,
  ): Promise<VerifyResult>;
  /** Public halves of the keys that sign heads now. */
  signingKeys(): readonly SigningKey[];
  /** Hands over everything a stranger needs to verify the folder offline. */
  exportChain(folder: string, sink: ExportSink, signal: AbortSignal): Promise<void>;
  broker(): Promise<BrokerFacts>;
}

/** What stands in an enrolment token besides its secret. */
export interface EnrolmentAddress {
  /** `https://host:port` of the gateway, as agents reach it. */
  gatewayUrl: string;
  /** `mqtts://host:port` of the broker, as agents reach it. */
  mqttUrl: string;
  /** SHA-256 of the CA certificate (DER), hexadecimal. @throws {HarpError} `internal.unexpected` while there is no CA. */
  caFingerprint(): Promise<string>;
}

/** The audit log. */
export interface AuditServices {
  trail: AuditTrail;
  verify(signal: AbortSignal): Promise<AuditVerifyResult>;
}

export interface ApiPorts {
  audit: AuditServices;
  database: PrismaClient;
  auth: Auth;
  providers: Providers;
  accounts: Accounts;
  fleet: Fleet;
  folders: FolderServices;
  hub: LiveHub;
  jobs: Jobs;
  logs: LogChannels;
  enrolment: EnrolmentAddress;
  /** Networks of the proxies whose word counts on where a request comes from. */
  trustedProxies: readonly string[];
  clock: Clock;
  randomBytes: RandomBytes;
  logger: Logger;
  version: string;
}
