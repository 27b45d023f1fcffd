/** Names by which the savings editor and its settings are known. */
export const SAVINGS_EDITOR = 'harp.editor.savings';

/** Keys of the contributed settings. */
export const savingsSettings = {
  warnBelow: 'savings.warnBelowPercent',
  errorBelow: 'savings.errorBelowPercent',
  firstRange: 'savings.firstRange',
} as const;
