/** The environment of supervisor and console server, read once. Nothing else looks at process.env. */
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { BrokerUrl, isInNetwork } from '@harp/broker/protocol';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

/** Addresses and networks, all as networks. */
const networks = z
  .string()
  .default('')
  .transform((text) => {
    const named = text.split(',').map((each) => each.trim());
    return named
      .filter((each) => each !== '')
      .map((each) => (each.includes('/') ? each : `${each}/${isIPv6(each) ? 128 : 32}`));
  })
  .refine((list) => list.every((network) => isInNetwork(network.split('/', 1)[0]!, network)), {
    error: 'it must be addresses or networks with commas between, such as 127.0.0.1,10.0.0.0/24',
  });

const Env = z.object({
  HARP_DATA: z.string().min(1).default('.harp'),
  HARP_PUBLIC_HOST: z.string().min(1).max(253).optional(),
  HARP_CONSOLE_URL: z
    .url({ protocol: /^https?$/, error: 'it must be an address such as https://harp.example' })
    .optional(),
  HARP_BIND: z.string().min(1).default('0.0.0.0'),
  HARP_TRUSTED_PROXIES: networks,
  HARP_CONSOLE_PORT: port.default(8420),
  HARP_GATEWAY_PORT: port.default(8421),
  HARP_MQTT_PORT: port.default(8422),
  DATABASE_URL: z.string().min(1).optional(),
  HARP_MQTT_URL: BrokerUrl.optional(),
  HARP_UI: z.enum(['on', 'off', 'dev']).default('on'),
  HARP_POLL_SECONDS: z.coerce.number().min(0.1).max(86_400).default(30),
  HARP_MASTER_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'it must have 64 hexadecimal digits')
    .optional(),
  HARP_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export interface ServerEnv {
  /** Absolute. */
  dataDir: string;
  /** The name or address that is put into tokens and certificates. */
  publicHost: string;
  /** Where people reach the console with their browsers. */
  consoleUrl: string;
  bindHost: string;
  /** Networks of the proxies in front of the console that say for whom they ask. */
  trustedProxies: readonly string[];
  /** 0: any free port. */
  consolePort: number;
  gatewayPort: number;
  mqttPort: number;
  /** Undefined: the embedded PostgreSQL. */
  databaseUrl: string | undefined;
  /** Where the services reach the broker. */
  mqttUrl: string;
  /** A broker that others run, in the place of the embedded one: as agents are told, too. */
  externalMqttUrl: string | undefined;
  /** `dev`: the workbench is compiled as it is asked for. */
  ui: 'on' | 'off' | 'dev';
  /** How often Nextcloud is asked for changes when nothing announces them. */
  pollSeconds: number;
  /** Instead of `keys/master.key`. */
  masterKey?: string | undefined;
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
    consoleUrl: env.HARP_CONSOLE_URL ?? `http://localhost:${env.HARP_CONSOLE_PORT}`,
    bindHost: env.HARP_BIND,
    trustedProxies: env.HARP_TRUSTED_PROXIES,
    consolePort: env.HARP_CONSOLE_PORT,
    gatewayPort: env.HARP_GATEWAY_PORT,
    mqttPort: env.HARP_MQTT_PORT,
    databaseUrl: env.DATABASE_URL,
    mqttUrl: env.HARP_MQTT_URL ?? `mqtts://${urlHost(localHost(env.HARP_BIND))}:${env.HARP_MQTT_PORT}`,
    externalMqttUrl: env.HARP_MQTT_URL,
    ui: env.HARP_UI,
    pollSeconds: env.HARP_POLL_SECONDS,
    masterKey: env.HARP_MASTER_KEY,
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
