/** What the output panel keeps for as long as the page is open; commands and the panel meet here. */
export const outputContext = {
  /** The channel's id: `server`, `indexer`, `broker`, `agent:ID`. */
  channel: 'harp.output.channel',
  /** The name of an agent's channel. */
  name: 'harp.output.name',
  level: 'harp.output.level',
  filter: 'harp.output.filter',
  /** `false` stays where the reader is. */
  follow: 'harp.output.follow',
  paused: 'harp.output.paused',
  /** The channel that was cleared and its newest line then: `server 1234`. */
  cleared: 'harp.output.cleared',
  /** Rises when the lines that are shown are to be copied, or cleared. */
  copyAsked: 'harp.output.copyAsked',
  clearAsked: 'harp.output.clearAsked',
} as const;

export const OUTPUT_PANEL = 'harp.panel.output';

/** The channels every server has. */
export const serverChannels = ['server', 'indexer', 'broker'] as const;
