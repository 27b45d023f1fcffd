/** What the audit's commands and editors tell each other. */
export const auditContext = {
  /** A command asked for a verification that has not begun yet. */
  verify: 'harp.audit.verify',
} as const;
