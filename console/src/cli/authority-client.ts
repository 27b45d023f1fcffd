/**
 * The broker's certificate authority, as the machine's own command line reaches it: with the console's certificate, which whoever may read HARP_DATA
 * has. An API key, however mighty, cannot rotate it.
 */
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import {
  AuthorityStatus,
  type ErrorCode,
  errorCodes,
  gatewayPaths,
  MqttKit,
  type MqttKitRequest,
  ErrorBody as RefusalBody,
  type RotateRequest,
} from '@harp/broker/protocol';
import type { MasterKeyOptions } from '@harp/broker/protocol/node';
import type { z } from 'zod';
import { readServiceTls, type ServiceTls } from '../server/keys/service-tls.ts';
import { CliFailure } from './failure.ts';

/** A new key and its certificates are made within milliseconds; a busy database may take its time to count agents. */
const ANSWER_WITHIN_MS = 60_000;

export interface AuthorityClient {
  status(): Promise<AuthorityStatus>;
  rotate(order: RotateRequest): Promise<AuthorityStatus>;
  /** A new key and certificate for a broker that others run, and what else it needs. */
  mqttKit(request: MqttKitRequest): Promise<MqttKit>;
}

/** Speaks with the running broker of a data folder. Every call throws CliFailure. `operator`, who sits here, stands in the audit log. */
export function createAuthorityClient(place: MasterKeyOptions, operator?: string): AuthorityClient {
  const call = async <S extends z.ZodType>(path: string, answerSchema: S, body?: object): Promise<z.infer<S>> => {
    const [url, tls] = await Promise.all([
      readFile(join(place.dataDir, 'pki', 'gateway.url'), 'utf8'),
      readServiceTls(place),
    ]).catch((cause: unknown) => {
      throw notRunning(place.dataDir, cause);
    });
    const answer = await send(new URL(path, url.trim()), tls, body).catch((cause: unknown) => {
      throw notRunning(url.trim(), cause);
    });
    const value: unknown = JSON.parse(answer.text);
    if (answer.status !== 200) throw refusal(value);
    return answerSchema.parse(value);
  };
  const by = operator === undefined ? {} : { operator };
  return {
    status: () => call(gatewayPaths.authority, AuthorityStatus),
    rotate: (order) => call(gatewayPaths.rotate, AuthorityStatus, { ...order, ...by }),
    mqttKit: (request) => call(gatewayPaths.mqttKit, MqttKit, { ...request, ...by }),
  };
}

function send(url: URL, tls: ServiceTls, body: object | undefined): Promise<{ status: number; text: string }> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        ...tls,
        method: payload === undefined ? 'GET' : 'POST',
        minVersion: 'TLSv1.3',
        agent: false,
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
        headers: payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) },
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

function refusal(value: unknown): CliFailure {
  const { code, message } = RefusalBody.parse(value).error;
  return new CliFailure(Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'internal.unexpected', [message]);
}

function notRunning(where: string, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  // A wrong master key says itself what to do.
  if (code.startsWith('keys.')) return cause;
  return new CliFailure('gateway.unreachable', [`the broker of ${where} does not answer (${code}): is Harp running?`], {
    cause,
  });
}
