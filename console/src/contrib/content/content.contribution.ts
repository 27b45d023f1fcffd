/** Content: Nextcloud instances, the folders Harp distributes from them, their files and their chains. */
import { lazy } from 'react';
import type { Contribution } from '../../workbench/model.ts';
import { useFileBreadcrumbs, useFolderBreadcrumbs } from './breadcrumbs.ts';
import { contentCommands, contentKeybindings, contentMenus, viewId } from './commands.ts';
import { fileEditor, filePath, folderEditor, folderPath, nextcloudEditor, nextcloudPath } from './content-item.ts';
import { contentText } from './messages.ts';
import { contentQuickAccess } from './quick-access.ts';

const ContentView = lazy(() => import('./ContentView.tsx').then((module) => ({ default: module.ContentView })));
const FileEditor = lazy(() => import('./FileEditor.tsx').then((module) => ({ default: module.FileEditor })));
const FolderEditor = lazy(() => import('./FolderEditor.tsx').then((module) => ({ default: module.FolderEditor })));
const NextcloudEditor = lazy(() =>
  import('./NextcloudEditor.tsx').then((module) => ({ default: module.NextcloudEditor })),
);

export const contentContribution: Contribution = {
  views: [
    {
      id: viewId,
      title: contentText.category,
      icon: 'cloud',
      order: 30,
      sections: [{ id: 'harp.view.content.nextcloud', title: contentText.nextcloudSection, component: ContentView }],
    },
  ],
  editors: [
    { id: nextcloudEditor, component: NextcloudEditor, path: nextcloudPath },
    // Before folders: what a folder's address has in the place of a tab, a file's has as the word `file`.
    {
      id: fileEditor,
      component: FileEditor,
      path: filePath,
      breadcrumbs: useFileBreadcrumbs,
    },
    { id: folderEditor, component: FolderEditor, path: folderPath, breadcrumbs: useFolderBreadcrumbs },
  ],
  commands: contentCommands,
  keybindings: contentKeybindings,
  menus: contentMenus,
  quickAccess: contentQuickAccess,
};
