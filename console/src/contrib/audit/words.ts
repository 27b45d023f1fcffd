/** Actions, people and objects of the log in words and icons. An action this page does not know is shown as it is written. */
import type { AuditBy } from '../../api/schemas.ts';
import type { Message } from '../../i18n/messages.ts';
import type { Translate } from '../../i18n/translate.ts';
import { auditLogText } from './log-messages.ts';

const PREFIX = 'action.';

/** Actions this page has words for. */
export const knownActions: readonly string[] = Object.keys(auditLogText).flatMap((key) =>
  key.startsWith(PREFIX) ? [key.slice(PREFIX.length)] : [],
);

/** What was done. */
export function actionWords(action: string, text: Translate): string {
  const key = `${PREFIX}${action}`;
  if (!Object.hasOwn(auditLogText, key)) return action;
  const message: Message = auditLogText[key as keyof typeof auditLogText];
  return text(message);
}

const icons: Readonly<Record<string, string>> = {
  nextcloud: 'cloud',
  office: 'organization',
  folder: 'folder',
  assignment: 'link',
  token: 'key',
  agent: 'vm',
  enrolment: 'vm-connect',
  rule: 'checklist',
  block: 'circle-slash',
  settings: 'settings-gear',
  user: 'account',
  'api-key': 'key',
  server: 'server',
  job: 'server-process',
};

/** A codicon for what was changed. */
export function iconOf(kind: string): string {
  return (Object.hasOwn(icons, kind) ? icons[kind] : undefined) ?? 'circle-small-filled';
}

/** A codicon for who did it. */
export function actorIcon(kind: string | null): string {
  return kind === 'user' ? 'account' : kind === 'api-key' ? 'key' : 'server';
}

/** Who did it, with what stands behind a key. */
export function actorWords({ kind, name, operator }: AuditBy, text: Translate): string {
  if (kind === 'system') return text(auditLogText.byServer);
  return operator === null ? name : `${name} · ${operator}`;
}
