import { type Clock, nowSeconds } from './clock.ts';
import { pathOf } from './nodes.ts';
import type { Tree, TreeChange } from './tree.ts';

/** Events kept; older ones expire, as they do on a real server. */
const keptEvents = 5_000;

/** A file named in an event, as it was then. */
export interface ActivityFile {
  readonly id: number;
  readonly path: string;
  readonly isFolder: boolean;
}

/** One line of the activity stream of `userId`. `subject` holds `{placeholders}` that name entries of `files` or `others`. */
export interface ActivityEvent {
  readonly id: number;
  readonly atSeconds: number;
  readonly userId: string;
  readonly actorId: string;
  readonly app: string;
  readonly type: string;
  readonly subject: string;
  readonly files: Readonly<Record<string, ActivityFile>>;
  readonly others: Readonly<Record<string, { type: string; id: string | number; name: string }>>;
  readonly object: { type: string; id: number; name: string };
  /** Folder that the files app opens for this event; undefined when it is not about a file. */
  readonly opensFolder?: string;
  /** Path of the icon below the server's root. */
  readonly icon: string;
}

type NewEvent = Omit<ActivityEvent, 'id' | 'atSeconds'>;

/** The activity app: who did what, per user. Files are recorded by listening to the tree. */
export class ActivityLog {
  private events: ActivityEvent[] = [];
  private lastId = 0;

  constructor(
    private readonly clock: Clock,
    tree: Tree,
  ) {
    tree.onDidChange((change) => this.record(fileEvent(tree.ownerOf(change.node), change)));
  }

  record(event: NewEvent): void {
    this.lastId += 1;
    this.events.push({ ...event, id: this.lastId, atSeconds: nowSeconds(this.clock) });
    if (this.events.length > 2 * keptEvents) this.events = this.events.slice(-keptEvents);
  }

  /** Events of one user, oldest first. */
  of(userId: string): ActivityEvent[] {
    return this.events.filter((event) => event.userId === userId);
  }
}

/** An event about a public link that was made or taken away. */
export function linkEvent(ownerId: string, file: ActivityFile, verb: 'shared' | 'removed'): NewEvent {
  return {
    userId: ownerId,
    actorId: ownerId,
    app: 'files_sharing',
    type: 'shared',
    subject: verb === 'shared' ? 'You shared {file} as public link' : 'You removed public link for {file}',
    files: { file },
    others: {},
    object: { type: 'files', id: file.id, name: file.path },
    opensFolder: folderToOpen(file),
    icon: '/core/img/actions/share.svg',
  };
}

const fileVerbs = {
  created: { type: 'file_created', subject: 'You created {file}', icon: '/apps/files/img/add-color.svg' },
  changed: { type: 'file_changed', subject: 'You changed {file}', icon: '/apps/files/img/change.svg' },
  deleted: { type: 'file_deleted', subject: 'You deleted {file}', icon: '/apps/files/img/delete-color.svg' },
  moved: { type: 'file_changed', subject: 'You moved {oldfile} to {newfile}', icon: '/apps/files/img/change.svg' },
} as const;

function fileEvent(ownerId: string, change: TreeChange): NewEvent {
  const { type, subject, icon } = fileVerbs[change.kind];
  const path = change.kind === 'deleted' ? change.oldPath : pathOf(change.node);
  const file = { id: change.node.id, path, isFolder: change.node.kind === 'folder' };
  const files = change.kind === 'moved' ? { newfile: file, oldfile: { ...file, path: change.oldPath } } : { file };
  const object = { type: 'files', id: file.id, name: path };
  const opensFolder = folderToOpen(file);
  return {
    userId: ownerId,
    actorId: ownerId,
    app: 'files',
    type,
    subject,
    files,
    others: {},
    object,
    opensFolder,
    icon,
  };
}

function folderToOpen({ path, isFolder }: ActivityFile): string {
  return isFolder ? path : path.slice(0, path.lastIndexOf('/')) || '/';
}
