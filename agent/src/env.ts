import { z } from 'zod';

const Environment = z.object({
  HARP_LOG: z.enum(['silent', 'error', 'warn', 'info', 'debug']).catch('info'),
  HARP_TOKEN: z.string().optional(),
  HARP_HOSTNAME: z.string().min(1).max(255).optional().catch(undefined),
  HARP_HARDWARE_ID: z.string().min(1).optional().catch(undefined),
  HARP_SEARCH_DOMAIN: z.string().min(1).max(253).optional().catch(undefined),
  HARP_DNS_SERVERS: z.string().min(1).optional(),
});

/** What the environment says. Nothing else of the agent reads it. */
export interface AgentEnvironment {
  /** `debug` shows stack traces as well. */
  logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** An enrolment token, so that it need not stand on a command line that others can see. */
  token: string | undefined;
  /** The name under which the console shows this computer, if not the one it has. */
  hostname: string | undefined;
  /** Taken for the hardware's id, where several agents run on one computer. */
  hardware: string | undefined;
  /** Where to look for the server in DNS, if not as the system is set up: the domain, and who is asked (`address[:port]`, separated by commas). */
  dns: { domain: string | undefined; servers: readonly string[] | undefined };
}

/** Reads the variables the agent knows; a level it does not know counts as `info`. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): AgentEnvironment {
  const known = Environment.parse(variables);
  return {
    logLevel: known.HARP_LOG,
    token: known.HARP_TOKEN,
    hostname: known.HARP_HOSTNAME,
    hardware: known.HARP_HARDWARE_ID,
    dns: { domain: known.HARP_SEARCH_DOMAIN, servers: known.HARP_DNS_SERVERS?.split(',').map((one) => one.trim()) },
  };
}
