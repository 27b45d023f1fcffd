import type { ComponentType } from 'react';
import { BarsItem, DotsItem, HeatItem, LinesItem, ProportionItem, StepsItem } from './charts.tsx';
import { ControlsItem } from './controls.tsx';
import { StatesItem } from './states.tsx';
import { EmptyTableItem, LargeTableItem, TableItem } from './tables.tsx';
import { TokensItem } from './tokens.tsx';
import { LargeTreeItem, TreeItem } from './trees.tsx';

/** One page of the workshop. */
export interface WorkshopItem {
  id: string;
  title: string;
  component: ComponentType;
}

/** All pages, in order. Pictures are taken of each in every theme and language. */
export const workshopItems: readonly WorkshopItem[] = [
  { id: 'states', title: 'States', component: StatesItem },
  { id: 'controls', title: 'Controls', component: ControlsItem },
  { id: 'tree', title: 'Tree', component: TreeItem },
  { id: 'tree-large', title: 'Tree of 10 000', component: LargeTreeItem },
  { id: 'table', title: 'Table', component: TableItem },
  { id: 'table-large', title: 'Table of 10 000', component: LargeTableItem },
  { id: 'table-empty', title: 'Tables without rows', component: EmptyTableItem },
  { id: 'chart-bars', title: 'Stacked bars', component: BarsItem },
  { id: 'chart-lines', title: 'Lines over time', component: LinesItem },
  { id: 'chart-steps', title: 'Staircases', component: StepsItem },
  { id: 'chart-heat', title: 'Heat map', component: HeatItem },
  { id: 'chart-dots', title: 'Ranked dots', component: DotsItem },
  { id: 'chart-proportion', title: 'Proportions and progress', component: ProportionItem },
  { id: 'tokens', title: 'Tokens', component: TokensItem },
];
