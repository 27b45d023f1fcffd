/** The outside world as the command line sees it. main.ts passes the real one, tests pass fakes. */
export interface CliPorts {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Who sits here, as the machine says: `user@host`. Undefined where nobody has a name. */
  operator?: string | undefined;
  /** Results: what scripts read. */
  out(text: string): void;
  /** Progress, advice and complaints: what people read. */
  err(text: string): void;
  /** Whether results go to a terminal. */
  isTerminal: boolean;
  nowMs(): number;
  sleep(ms: number): Promise<void>;
}

/** What a command came to, as the process's exit status. Stable: scripts branch on it. */
export const exitStatus = { ok: 0, failed: 1, usage: 2, fault: 3 } as const;
export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];
