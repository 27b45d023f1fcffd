/** The broker's environment, read once. Nothing else looks at process.env. */
import { hostname, networkInterfaces } from 'node:os';
import { z } from 'zod';
import { BrokerUrl } from './protocol/index.ts';

const port = z.coerce.number().int().min(0).max(65_535);

const Env = z.object({
  HARP_DATA: z.string().min(1).default('.harp'),
  HARP_PUBLIC_HOST: z.string().min(1).max(253).exactOptional(),
  HARP_BIND: z.string().min(1).default('0.0.0.0'),
  HARP_GATEWAY_PORT: port.default(8421),
  HARP_MQTT_PORT: port.default(8422),
  HARP_MQTT_URL: BrokerUrl.exactOptional(),
  HARP_MQTT_DIR: z.string().min(1).exactOptional(),
  HARP_MQTT_RELOAD: z.string().min(1).exactOptional(),
  DATABASE_URL: z.string().min(1),
  HARP_MASTER_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'it must have 64 hexadecimal digits')
    .exactOptional(),
  HARP_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export interface ExternalMqtt {
  /** `mqtts://host:port`, for agents and for us. */
  url: string;
  /** Folder of the files that it reads and that are kept up to date here. */
  dir?: string | undefined;
  /** Shell command after which it has read them. */
  reload?: string | undefined;
}

export interface BrokerEnv {
  dataDir: string;
  /** The name or address that agents are told to connect to. */
  publicHost: string;
  /** The machine's own name. */
  hostName: string;
  bindHost: string;
  /** 0: any free port. */
  gatewayPort: number;
  mqttPort: number;
  /** A broker that others run, in the place of the embedded one. */
  externalMqtt?: ExternalMqtt | undefined;
  databaseUrl: string;
  /** Instead of `keys/master.key`. */
  masterKey?: string | undefined;
  logLevel: z.infer<typeof Env>['HARP_LOG'];
}

/** @throws {Error} that names every variable that is wrong. */
export function readEnv(variables: NodeJS.ProcessEnv): BrokerEnv {
  // An empty variable is how shells and service files leave one out.
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = Env.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`the environment is not right: ${problems.join('; ')}`);
  }
  const env = parsed.data;
  return {
    dataDir: env.HARP_DATA,
    publicHost: env.HARP_PUBLIC_HOST ?? firstAddress(),
    hostName: hostname(),
    bindHost: env.HARP_BIND,
    gatewayPort: env.HARP_GATEWAY_PORT,
    mqttPort: env.HARP_MQTT_PORT,
    externalMqtt:
      env.HARP_MQTT_URL === undefined
        ? undefined
        : { url: env.HARP_MQTT_URL, dir: env.HARP_MQTT_DIR, reload: env.HARP_MQTT_RELOAD },
    databaseUrl: env.DATABASE_URL,
    masterKey: env.HARP_MASTER_KEY,
    logLevel: env.HARP_LOG,
  };
}

function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
