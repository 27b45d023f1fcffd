/** Transfers: files that reached offices, in the panel. */
import { lazy } from 'react';
import type { CommandContribution, Contribution } from '../../workbench/model.ts';
import { TRANSFERS_PANEL, transferContext } from './keys.ts';
import { transfersText } from './messages.ts';
import type { Grouping } from './transfer-groups.ts';

const TransfersPanel = lazy(() =>
  import('./TransfersPanel.tsx').then((module) => ({ default: module.TransfersPanel })),
);

const groupBy = (grouping: Grouping, title: CommandContribution['title']): CommandContribution => ({
  id: `harp.transfers.groupBy.${grouping}`,
  category: transfersText.category,
  title,
  run({ context, layout }) {
    context.set(transferContext.grouping, grouping);
    layout.showPanel(TRANSFERS_PANEL);
  },
});

export const transfersContribution: Contribution = {
  panels: [{ id: TRANSFERS_PANEL, title: transfersText.title, order: 40, component: TransfersPanel }],
  commands: [
    {
      id: 'harp.transfers.show',
      category: transfersText.category,
      title: transfersText.show,
      icon: 'arrow-swap',
      run: ({ layout }) => layout.showPanel(TRANSFERS_PANEL),
    },
    groupBy('none', transfersText.groupByNone),
    groupBy('office', transfersText.groupByOffice),
    groupBy('folder', transfersText.groupByFolder),
  ],
  keybindings: [{ command: 'harp.transfers.show', key: 'ctrl+k t' }],
};
