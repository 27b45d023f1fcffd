/** What the transfers panel keeps for as long as the page is open; commands and the panel meet here. */
export const transferContext = {
  filter: 'harp.transfers.filter',
  /** `none`, `office` or `folder`. */
  grouping: 'harp.transfers.grouping',
} as const;

export const TRANSFERS_PANEL = 'harp.panel.transfers';
