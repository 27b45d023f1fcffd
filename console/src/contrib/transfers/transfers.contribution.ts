import type { Contribution } from '../../workbench/model.ts';
import { TransfersPanel } from './TransfersPanel.tsx';

export const transfersContribution: Contribution = {
  panels: [{ id: 'harp.panel.transfers', title: 'Transfers', order: 10, component: TransfersPanel }],
};
