/** What the jobs panel keeps for as long as the page is open; commands and the panel meet here. */
export const jobContext = {
  /** The job whose log is shown. */
  log: 'harp.jobs.log',
} as const;

export const JOBS_PANEL = 'harp.panel.jobs';
