/** What the Content tree lists, and the editors that show it: their ids, inputs and addresses. */
import { paramsOf, pathOf, segmentsOf } from '../../workbench/editors/address.ts';
import type { EditorContribution, EditorInput } from '../../workbench/model.ts';

export const nextcloudEditor = 'harp.editor.nextcloud';
export const folderEditor = 'harp.editor.folder';
export const fileEditor = 'harp.editor.file';

export type ContentItem =
  | { kind: 'nextcloud'; id: string; name: string; url: string }
  | { kind: 'folder'; id: string; name: string; path: string }
  | { kind: 'directory'; folderId: string; path: string }
  | { kind: 'file'; folderId: string; path: string };

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The editor that shows an item. A directory has none: it is looked at in the tree. */
export function inputOf(item: ContentItem, params?: Readonly<Record<string, string>>): EditorInput | undefined {
  switch (item.kind) {
    case 'nextcloud':
      return { editor: nextcloudEditor, subject: item.id, title: item.name, icon: 'cloud' };
    case 'folder':
      return folderInput(item.id, item.name, params);
    case 'file':
      return fileInput(item.folderId, item.path, params);
    case 'directory':
      return undefined;
  }
}

/** The editor of a folder. `folder` is its id, or its name as an address may say. */
export function folderInput(folder: string, title: string, params: Readonly<Record<string, string>> = {}): EditorInput {
  return { editor: folderEditor, subject: folder, title, icon: 'folder', params };
}

/** The editor of one file. */
export function fileInput(folder: string, path: string, params: Readonly<Record<string, string>> = {}): EditorInput {
  return { editor: fileEditor, subject: fileSubject(folder, path), title: nameOf(path), icon: 'file', params };
}

function fileSubject(folder: string, path: string): string {
  return `${encodeURIComponent(folder)}/${path}`;
}

/** The folder and path that the subject of a file editor names. */
export function fileOfSubject(subject: string): { folder: string; path: string } {
  const slash = subject.indexOf('/');
  return { folder: decodeURIComponent(subject.slice(0, slash)), path: subject.slice(slash + 1) };
}

export const nextcloudPath: EditorContribution['path'] = {
  build: ({ subject, params }) => pathOf(['n', subject], params),
  parse(path, query) {
    const [kind, name, ...rest] = segmentsOf(path) ?? [];
    if (kind !== 'n' || name === undefined || rest.length > 0) return undefined;
    return { editor: nextcloudEditor, subject: name, title: name, icon: 'cloud', params: paramsOf(query) };
  },
};

export const folderTabs = ['overview', 'coverage', 'time', 'chain'] as const;
export type FolderTab = (typeof folderTabs)[number];

export const folderPath: EditorContribution['path'] = {
  build({ subject, params: { tab, ...params } = {} }) {
    return pathOf(tab === undefined || tab === 'overview' ? ['f', subject] : ['f', subject, tab], params);
  },
  parse(path, query) {
    const [kind, folder, tab = 'overview', ...rest] = segmentsOf(path) ?? [];
    if (kind !== 'f' || folder === undefined || rest.length > 0) return undefined;
    if (!(folderTabs as readonly string[]).includes(tab)) return undefined;
    return folderInput(folder, folder, { ...paramsOf(query), ...(tab === 'overview' ? {} : { tab }) });
  },
};

export const fileTabs = ['versions', 'chunks', 'delivery', 'chain'] as const;
export type FileTab = (typeof fileTabs)[number];

export const filePath: EditorContribution['path'] = {
  build({ subject, params = {} }) {
    const { folder, path } = fileOfSubject(subject);
    return pathOf(['f', folder, 'file'], { path, ...params });
  },
  parse(address, query) {
    const [kind, folder, word, ...rest] = segmentsOf(address) ?? [];
    const { path, ...params } = paramsOf(query);
    if (kind !== 'f' || folder === undefined || word !== 'file' || rest.length > 0) return undefined;
    return path === undefined || path === '' ? undefined : fileInput(folder, path, params);
  },
};

/** The tab that params name, if there is such a tab. */
export function tabOf<Tab extends string>(tabs: readonly Tab[], params: Readonly<Record<string, string>>): Tab {
  return tabs.find((tab) => tab === params.tab) ?? (tabs[0] as Tab);
}
