/** The broker's environment, read once. Nothing else looks at process.env. */
import { hostname, networkInterfaces } from 'node:os';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

const Env = z.object({
  HARP_DATA: z.string().min(1).default('.harp'),
  HARP_PUBLIC_HOST: z.string().min(1).max(253).exactOptional(),
  HARP_BIND: z.string().min(1).default('0.0.0.0'),
  HARP_GATEWAY_PORT: port.default(8421),
  HARP_MQTT_PORT: port.default(8422),
  DATABASE_URL: z.string().min(1),
  HARP_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

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
  databaseUrl: string;
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
    databaseUrl: env.DATABASE_URL,
    logLevel: env.HARP_LOG,
  };
}

function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
