import { createHash } from 'node:crypto';
import { isoTime } from '../cloud/clock.ts';
import { type Json, OcsError } from './envelope.ts';
import { type OcsResult, type OcsRoute, param, type UserCall } from './router.ts';

/** Notifications: an administrator sends them, the addressee reads and dismisses them (api.md 8). */
export const notificationRoutes: readonly OcsRoute[] = [
  { method: 'POST', path: 'apps/notifications/api/v2/admin_notifications/{id}', access: 'admin', handle: send },
  { method: 'GET', path: 'apps/notifications/api/v2/notifications', access: 'user', handle: list },
  { method: 'DELETE', path: 'apps/notifications/api/v2/notifications', access: 'user', handle: dismiss },
  { method: 'DELETE', path: 'apps/notifications/api/v2/notifications/{notice}', access: 'user', handle: dismiss },
];

function send(call: UserCall): Json {
  const userId = param(call, 'id');
  const subject = call.fields.get('shortMessage') ?? '';
  const message = call.fields.get('longMessage') ?? '';
  if (!call.cloud.accounts.users.has(userId)) throw new OcsError(404, '');
  if (subject === '' || subject.length > 255 || message.length > 4000) throw new OcsError(400, '');
  call.cloud.notices.send(userId, subject, message);
  return [];
}

function list({ cloud, exchange, user }: UserCall): OcsResult {
  const data = cloud.notices.of(user.id).map((notice) => ({
    notification_id: notice.id,
    app: 'admin_notifications',
    user: user.id,
    datetime: isoTime(notice.atSeconds),
    object_type: 'admin_notifications',
    object_id: notice.atSeconds.toString(16),
    subject: notice.subject,
    message: notice.message,
    link: '',
    subjectRich: '',
    subjectRichParameters: [],
    messageRich: '',
    messageRichParameters: [],
    icon: `${exchange.baseUrl}/apps/notifications/img/notifications-dark.svg`,
    shouldNotify: true,
    actions: [],
  }));
  const etag = `"${createHash('md5').update(JSON.stringify(data)).digest('hex')}"`;
  return { data, headers: { ETag: etag, 'X-Nextcloud-User-Status': 'online' } };
}

function dismiss({ cloud, params, user }: UserCall): Json {
  cloud.notices.dismiss(user.id, params.notice === undefined ? undefined : Number(params.notice));
  return [];
}
