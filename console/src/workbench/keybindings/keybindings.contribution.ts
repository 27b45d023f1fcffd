/** What keys show in the status bar, as a contribution like any other. */
import type { Contribution } from '../model.ts';
import { ChordStatus } from './ChordStatus.tsx';

export const keybindingsContribution: Contribution = {
  status: [{ id: 'workbench.status.chord', side: 'left', order: 1_000, component: ChordStatus }],
};
