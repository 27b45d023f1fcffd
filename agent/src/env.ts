import { z } from 'zod';

const Environment = z.object({
  HARP_LOG: z.enum(['silent', 'error', 'warn', 'info', 'debug']).catch('info'),
  HARP_TOKEN: z.string().optional(),
  HARP_HOSTNAME: z.string().min(1).max(255).optional().catch(undefined),
});

/** What the environment says. Nothing else of the agent reads it. */
export interface AgentEnvironment {
  /** `debug` shows stack traces as well. */
  logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** An enrolment token, so that it need not stand on a command line that others can see. */
  token: string | undefined;
  /** The name under which the console shows this computer, if not the one it has. */
  hostname: string | undefined;
}

/** Reads the variables the agent knows; a level it does not know counts as `info`. */
export function readEnvironment(variables: Readonly<Record<string, string | undefined>>): AgentEnvironment {
  const { HARP_LOG, HARP_TOKEN, HARP_HOSTNAME } = Environment.parse(variables);
  return { logLevel: HARP_LOG, token: HARP_TOKEN, hostname: HARP_HOSTNAME };
}
