/** What can be done with instances, folders and files: by menu, key, palette and hover action alike. */
import { startJob } from '../../api/queries.ts';
import { mayKey } from '../../session/may.ts';
import { copyText } from '../../ui/copy-text.ts';
import { foreign } from '../../ui/foreign-text.ts';
import type {
  CommandContribution,
  EditorInput,
  KeybindingContribution,
  MenuContribution,
  WorkbenchServices,
} from '../../workbench/model.ts';
import { reindexFolder } from './api.ts';
import {
  type ContentItem,
  fileEditor,
  fileOfSubject,
  folderEditor,
  inputOf,
  nameOf,
  nextcloudEditor,
} from './content-item.ts';
import { revealRequest, selectedItems, verifyRequest } from './content-state.ts';
import { contentText } from './messages.ts';

export const viewId = 'harp.view.content';

/** Something is meant: a row of the tree, or what the active editor shows. */
const ANY = `contentItem || activeEditor == ${folderEditor} || activeEditor == ${fileEditor} || activeEditor == ${nextcloudEditor}`;
const IN_FOLDER = `contentItem == folder || contentItem == file || contentItem == directory || activeEditor == ${folderEditor} || activeEditor == ${fileEditor}`;
const HAS_PATH = IN_FOLDER;
const IN_EDITOR = `activeEditor == ${folderEditor} || activeEditor == ${fileEditor} || activeEditor == ${nextcloudEditor}`;

/**
 * What a command is about: its argument (items, a row of the tree, an editor's tab), else what the active editor shows, else what is selected in the
 * tree.
 */
export function itemsMeant(
  services: Pick<WorkbenchServices, 'editors' | 'context'>,
  argument?: unknown,
): readonly ContentItem[] {
  if (Array.isArray(argument)) return argument.filter(isItem);
  if (isItem(argument)) return [argument];
  if (typeof argument === 'object' && argument !== null) {
    if ('data' in argument && isItem(argument.data)) return [argument.data];
    if ('editor' in argument && 'subject' in argument) return itemsOfInput(argument as EditorInput);
  }
  const inTree = services.context.get('sideBarFocus') === true && services.context.get('activeView') === viewId;
  if (inTree && selectedItems.value.length > 0) return selectedItems.value;
  const shown = services.editors.active === undefined ? [] : itemsOfInput(services.editors.active);
  return shown.length > 0 ? shown : selectedItems.value;
}

function isItem(value: unknown): value is ContentItem {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    ['nextcloud', 'folder', 'directory', 'file'].includes(String(value.kind))
  );
}

/** What an editor of this feature shows, as an item; nothing for others. */
export function itemsOfInput({ editor, subject, title }: EditorInput): readonly ContentItem[] {
  switch (editor) {
    case nextcloudEditor:
      return [{ kind: 'nextcloud', id: subject, name: title, url: '' }];
    case folderEditor:
      return [{ kind: 'folder', id: subject, name: title, path: '' }];
    case fileEditor: {
      const { folder, path } = fileOfSubject(subject);
      return [{ kind: 'file', folderId: folder, path }];
    }
    default:
      return [];
  }
}

function open(services: WorkbenchServices, argument: unknown, options: { beside?: boolean }): void {
  for (const item of itemsMeant(services, argument)) {
    const input = inputOf(item);
    if (input !== undefined) services.editors.open(input, { ...options, focus: true });
    else revealItem(services, item);
  }
}

function revealItem({ layout }: WorkbenchServices, item: ContentItem): void {
  layout.showView(viewId);
  revealRequest.tell({ item });
}

function pathOfItem(item: ContentItem): string {
  return item.kind === 'nextcloud'
    ? item.url || item.name
    : item.kind === 'folder'
      ? item.path || item.name
      : item.path;
}

async function copy(services: WorkbenchServices, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const all = lines.join('\n');
  const copied = await copyText(all);
  services.notifications.show({
    severity: copied ? 'info' : 'warning',
    source: services.text(contentText.category),
    message: services.text(copied ? contentText.copied : contentText.notCopied, { text: foreign(all, 300) }),
    key: 'harp.content.copy',
  });
}

async function verifyOnServer(services: WorkbenchServices, argument: unknown): Promise<void> {
  const folderId = folderMeant(services, argument);
  if (folderId === undefined) return;
  const job = await startJob({ kind: 'verify-folder', folderId });
  services.notifications.show({
    severity: 'info',
    source: services.text(contentText.category),
    message: services.text(contentText.jobStarted, { name: foreign(job.subject.name) }),
    key: `harp.content.verify.${folderId}`,
    actions: [{ label: services.text(contentText.showJobs), run: () => services.layout.showPanel('harp.panel.jobs') }],
  });
}

async function reindex(services: WorkbenchServices, argument: unknown): Promise<void> {
  const folderId = folderMeant(services, argument);
  if (folderId === undefined) return;
  await reindexFolder(folderId);
  services.notifications.show({
    severity: 'info',
    source: services.text(contentText.category),
    message: services.text(contentText.lookingForChanges),
    key: `harp.content.reindex.${folderId}`,
  });
}

function folderMeant(services: WorkbenchServices, argument: unknown): string | undefined {
  const [item] = itemsMeant(services, argument);
  if (item === undefined || item.kind === 'nextcloud') return undefined;
  return item.kind === 'folder' ? item.id : item.folderId;
}

function verifyHere(services: WorkbenchServices, argument: unknown): void {
  const [item] = itemsMeant(services, argument);
  if (item === undefined || item.kind === 'nextcloud') return;
  const [folder, path] =
    item.kind === 'file' ? [item.folderId, item.path] : [item.kind === 'folder' ? item.id : item.folderId, undefined];
  const shown: ContentItem =
    item.kind === 'directory' ? { kind: 'folder', id: item.folderId, name: item.folderId, path: '' } : item;
  const input = inputOf(shown, { tab: 'chain' });
  if (input === undefined) return;
  verifyRequest.tell({ folder, path });
  services.editors.open(input, { focus: true });
}

const category = contentText.category;
/** For those who may have a folder checked. */
const checksFolder = {
  when: `(${IN_FOLDER}) && ${mayKey('content.check')}`,
  whenReason: contentText.chooseFolderAndMay,
};
const needsFolder = { when: IN_FOLDER, whenReason: contentText.chooseFolderFirst };

export const contentCommands: readonly CommandContribution[] = [
  {
    id: 'harp.content.open',
    category,
    title: contentText.open,
    palette: false,
    run: (services, argument) => open(services, argument, {}),
  },
  {
    id: 'harp.content.openBeside',
    category,
    title: contentText.openBeside,
    icon: 'split-horizontal',
    palette: false,
    run: (services, argument) => open(services, argument, { beside: true }),
  },
  {
    id: 'harp.content.reveal',
    category,
    title: contentText.reveal,
    icon: 'list-tree',
    when: IN_EDITOR,
    whenReason: contentText.openFirst,
    run(services, argument) {
      const [item] = itemsMeant(services, argument);
      if (item !== undefined) revealItem(services, item);
    },
  },
  {
    id: 'harp.content.copyPath',
    category,
    title: contentText.copyPath,
    when: ANY,
    whenReason: contentText.chooseFirst,
    run: (services, argument) => copy(services, itemsMeant(services, argument).map(pathOfItem)),
  },
  {
    id: 'harp.content.copyName',
    category,
    title: contentText.copyName,
    when: HAS_PATH,
    whenReason: contentText.chooseFirst,
    run: (services, argument) =>
      copy(
        services,
        itemsMeant(services, argument).map((item) => ('name' in item ? item.name : nameOf(item.path))),
      ),
  },
  {
    id: 'harp.content.copyId',
    category,
    title: contentText.copyId,
    when: ANY,
    whenReason: contentText.chooseFirst,
    run: (services, argument) =>
      copy(
        services,
        itemsMeant(services, argument).map((item) => ('id' in item ? item.id : item.folderId)),
      ),
  },
  {
    id: 'harp.content.verify',
    category,
    title: contentText.verifyHere,
    icon: 'verified',
    ...needsFolder,
    run: verifyHere,
  },
  {
    id: 'harp.content.verifyOnServer',
    category,
    title: contentText.verifyOnServer,
    icon: 'server-process',
    ...checksFolder,
    run: verifyOnServer,
  },
  {
    id: 'harp.content.reindex',
    category,
    title: contentText.reindex,
    icon: 'refresh',
    ...checksFolder,
    run: reindex,
  },
];

export const contentKeybindings: readonly KeybindingContribution[] = [
  { command: 'harp.content.openBeside', key: 'ctrl+enter', when: `treeFocus && activeView == ${viewId}` },
  { command: 'harp.content.copyPath', key: 'shift+alt+c', when: `!inputFocus && (${ANY})` },
];

const row = (command: string, group: string, order: number, when?: string): MenuContribution => ({
  menu: 'content/context',
  command: `harp.content.${command}`,
  group,
  order,
  ...(when === undefined ? {} : { when }),
});
const inFolder = 'contentItem != nextcloud';
const checked = `${inFolder} && ${mayKey('content.check')}`;

export const contentMenus: readonly MenuContribution[] = [
  row('open', 'navigation', 10, 'contentItem != directory'),
  row('openBeside', 'navigation', 20, 'contentItem != directory'),
  row('verify', '2_verify', 10, inFolder),
  row('verifyOnServer', '2_verify', 20, checked),
  row('reindex', '3_index', 10, checked),
  row('copyPath', '5_copy', 10),
  row('copyName', '5_copy', 20, inFolder),
  row('copyId', '5_copy', 30),
  { menu: 'tab/context', command: 'harp.content.reveal', group: '4_reveal', order: 10, when: IN_EDITOR },
  { menu: 'editor/title', command: 'harp.content.reveal', group: '4_reveal', order: 10, when: IN_EDITOR },
];
