import { createHash } from 'node:crypto';
import type { ActivityEvent, ActivityFile } from '../cloud/activity-log.ts';
import { isoTime } from '../cloud/clock.ts';
import { encodePath } from '../dav/view.ts';
import type { Json } from './envelope.ts';
import type { OcsResult, OcsRoute, UserCall } from './router.ts';

/** Server-side cap on `limit` (api.md 7.1), and what is given without one. */
const largestLimit = 200;
const defaultLimit = 50;
/** So many alike file events in a row are told as one. */
const largestGroup = 5;

/** The activity stream of the caller. */
export const activityRoutes: readonly OcsRoute[] = [
  { method: 'GET', path: 'apps/activity/api/v2/activity', access: 'user', handle: activity },
];

/** Events told as one line; the newest is the line's own id and object. */
type Group = ActivityEvent[];

function activity(call: UserCall): OcsResult {
  const { cloud, exchange, fields, user } = call;
  const descending = fields.get('sort') !== 'asc';
  const limit = Math.min(largestLimit, Number(fields.get('limit') ?? defaultLimit));
  const events = cloud.activity.of(user.id);
  const since = Number(fields.get('since') ?? 0);
  const sinceKnown = events.some((event) => event.id === since);
  const ordered = descending ? events.toReversed() : events;
  const following = sinceKnown
    ? ordered.filter((event) => (descending ? event.id < since : event.id > since))
    : ordered;
  const groups = grouped(following);
  const given = groups.slice(0, limit);
  const data = given.map((group) => line(exchange.baseUrl, group));

  const etag = createHash('md5').update(JSON.stringify(data)).digest('hex');
  const lastGiven = given.at(-1)?.at(-1)?.id;
  const next = new URLSearchParams({
    since: String(lastGiven),
    limit: String(limit),
    sort: descending ? 'desc' : 'asc',
    format: 'json',
  });
  const headers = {
    ETag: etag,
    ...(sinceKnown || following[0] === undefined ? {} : { 'X-Activity-First-Known': String(following[0].id) }),
    ...(lastGiven === undefined ? {} : { 'X-Activity-Last-Given': String(lastGiven) }),
    ...(groups.length > given.length
      ? { Link: `<${exchange.baseUrl}/ocs/v2.php/apps/activity/api/v2/activity?${next}>; rel="next"` }
      : {}),
  };
  return { data, headers, notModified: data.length === 0 || exchange.header('if-none-match') === etag };
}

function grouped(events: readonly ActivityEvent[]): Group[] {
  const groups: Group[] = [];
  for (const event of events) {
    const group = groups.at(-1);
    const first = group?.[0];
    const alike =
      first?.app === 'files' && event.app === 'files' && first.subject === event.subject && 'file' in event.files;
    if (group !== undefined && alike && group.length < largestGroup) group.push(event);
    else groups.push([event]);
  }
  return groups;
}

function line(baseUrl: string, group: Group): Json {
  const newestFirst = group.toSorted((a, b) => b.id - a.id);
  const [newest] = newestFirst;
  if (newest === undefined) throw new Error('a group of events is never empty');
  const { subject, files } = group.length === 1 ? newest : groupSubject(newest.subject, newestFirst);
  const parameters = { ...richFiles(baseUrl, files), ...newest.others };
  return {
    activity_id: newest.id,
    app: newest.app,
    type: newest.type,
    user: newest.actorId,
    subject: plainSubject(subject, files, newest.others),
    subject_rich: [subject, parameters],
    message: '',
    message_rich: ['', []],
    object_type: newest.object.type,
    object_id: newest.object.id,
    object_name: newest.object.name,
    objects: objectsOf(newestFirst),
    link: newest.opensFolder === undefined ? '' : `${baseUrl}/apps/files/?dir=${encodePath(newest.opensFolder)}`,
    icon: baseUrl + newest.icon,
    datetime: isoTime(newest.atSeconds),
  };
}

/** `You created {file3}, {file2} and {file1}`, where file1 is the newest. */
function groupSubject(template: string, newestFirst: Group): { subject: string; files: Record<string, ActivityFile> } {
  const files = Object.fromEntries(
    newestFirst.flatMap((event, index) => (event.files.file ? [[`file${index + 1}`, event.files.file]] : [])),
  );
  const names = Object.keys(files).map((key) => `{${key}}`);
  const list = `${names.slice(1).reverse().join(', ')} and ${names[0]}`;
  return { subject: template.replace('{file}', list), files };
}

function richFiles(baseUrl: string, files: Readonly<Record<string, ActivityFile>>): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(files).map(([key, { id, path }]) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return [key, { type: 'file', id: String(id), name, path: path.slice(1), link: `${baseUrl}/f/${id}` }];
    }),
  );
}

function plainSubject(subject: string, files: ActivityEvent['files'], others: ActivityEvent['others']): string {
  return subject.replace(/\{(\w+)\}/g, (whole, key: string) => {
    const other = others[key];
    if (other !== undefined) return other.type === 'user' ? `@${other.name}` : other.name;
    return files[key]?.path.slice(1) ?? whole;
  });
}

function objectsOf(group: Group): Json {
  const named = group.filter((event) => event.object.type !== '');
  return named.length === 0 ? [] : Object.fromEntries(named.map(({ object }) => [String(object.id), object.name]));
}
