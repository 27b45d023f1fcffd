/** The environment of supervisor and console server, read once. Nothing else looks at process.env. */
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

const Env = z.object({
  HARP_DATA: z.string().min(1).default('.harp'),
  HARP_PUBLIC_HOST: z.string().min(1).max(253).optional(),
  HARP_BIND: z.string().min(1).default('0.0.0.0'),
  HARP_CONSOLE_PORT: port.default(8420),
  HARP_GATEWAY_PORT: port.default(8421),
  HARP_MQTT_PORT: port.default(8422),
  DATABASE_URL: z.string().min(1).optional(),
  HARP_MQTT_URL: z.url({ protocol: /^mqtts$/ }).optional(),
  HARP_UI: z.enum(['on', 'off', 'dev']).default('on'),
  HARP_POLL_SECONDS: z.coerce.number().min(0.1).max(86_400).default(30),
  HARP_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export interface ServerEnv {
  /** Absolute. */
  dataDir: string;
  /** The name or address that is put into tokens and certificates. */
  publicHost: string;
  bindHost: string;
  /** 0: any free port. */
  consolePort: number;
  gatewayPort: number;
  mqttPort: number;
  /** Undefined: the embedded PostgreSQL. */
  databaseUrl: string | undefined;
  /** Where the services reach the broker. */
  mqttUrl: string;
  /** `dev`: the workbench is compiled as it is asked for. */
  ui: 'on' | 'off' | 'dev';
  /** How often Nextcloud is asked for changes when nothing announces them. */
  pollSeconds: number;
  logLevel: z.infer<typeof Env>['HARP_LOG'];
}

/** @throws {Error} that names every variable that is wrong. */
export function readEnv(variables: NodeJS.ProcessEnv): ServerEnv {
  // An empty variable is how shells and service files leave one out.
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = Env.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`the environment is not right: ${problems.join('; ')}`);
  }
  const env = parsed.data;
  return {
    dataDir: resolve(env.HARP_DATA),
    publicHost: env.HARP_PUBLIC_HOST ?? firstAddress(),
    bindHost: env.HARP_BIND,
    consolePort: env.HARP_CONSOLE_PORT,
    gatewayPort: env.HARP_GATEWAY_PORT,
    mqttPort: env.HARP_MQTT_PORT,
    databaseUrl: env.DATABASE_URL,
    mqttUrl: env.HARP_MQTT_URL ?? `mqtts://${urlHost(localHost(env.HARP_BIND))}:${env.HARP_MQTT_PORT}`,
    ui: env.HARP_UI,
    pollSeconds: env.HARP_POLL_SECONDS,
    logLevel: env.HARP_LOG,
  };
}

/** A host as it stands in a URL. */
export function urlHost(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/** Where this machine reaches a server that listens on `bindHost`. */
export function localHost(bindHost: string): string {
  return ['0.0.0.0', '::'].includes(bindHost) ? '127.0.0.1' : bindHost;
}

function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
