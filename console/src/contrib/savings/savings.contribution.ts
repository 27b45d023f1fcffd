import type { Contribution } from '../../workbench/model.ts';
import { OverviewEditor } from './OverviewEditor.tsx';

export const savingsContribution: Contribution = {
  editors: [{ id: 'harp.editor.overview', component: OverviewEditor }],
  welcome: { editor: 'harp.editor.overview', subject: 'fleet', title: 'WAN saved', icon: 'graph-line' },
};
