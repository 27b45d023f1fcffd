import type { Contribution } from '../../workbench/model.ts';
import { ContentView } from './ContentView.tsx';
import { FolderEditor } from './FolderEditor.tsx';

export const contentContribution: Contribution = {
  views: [{ id: 'harp.view.content', title: 'Content', icon: 'cloud', order: 20, component: ContentView }],
  editors: [{ id: 'harp.editor.folder', component: FolderEditor }],
};
