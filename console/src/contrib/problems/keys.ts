/** What the problems panel keeps for as long as the page is open; commands and the panel meet here. */
export const problemContext = {
  /** The id of the problem that was gone to last. */
  current: 'harp.problems.current',
  filter: 'harp.problems.filter',
  /** Severities that are not listed, with spaces between. */
  hidden: 'harp.problems.hidden',
} as const;

export const PROBLEMS_PANEL = 'harp.panel.problems';
