/** What the events panel keeps for as long as the page is open; commands and the panel meet here. */
export const eventContext = {
  /** Whether the list is held on purpose. */
  paused: 'harp.events.paused',
  /** The filter text. */
  filter: 'harp.events.filter',
  /** The log as it was when the panel was last in front. */
  seen: 'harp.events.seen',
} as const;
