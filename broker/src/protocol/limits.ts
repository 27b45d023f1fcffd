/** Every cap of the protocol, with unit and reason. A receiver MUST refuse what exceeds one, before it allocates for it. */

const KiB = 1024;
const MiB = 1024 * KiB;

export const limits = {
  /** Smallest chunk but for the last of a file: bounds the manifest at 36 bytes per 256 KiB of content. */
  chunkMinBytes: 256 * KiB,
  /** Target chunk size: 1 MiB is 0.4 s of a 20 Mbit/s line, so peers start sharing within half a second. */
  chunkAverageBytes: 1 * MiB,
  /** Largest chunk: what one transfer must hold in memory to verify before it stores. */
  chunkMaxBytes: 4 * MiB,
  /** Chunks of a large file are fetched from the origin in runs of this length: api.md advises ranges of 4–16 MiB. */
  runBytes: 8 * MiB,
  /** Largest blob (manifest, segment, snapshot). A manifest of this size describes about 1.8 TiB. */
  blobMaxBytes: 64 * MiB,
  /** Entries in one segment; keeps a segment near 1 MiB. */
  segmentMaxEntries: 4096,
  /** Segments a head may list; keeps the head, which every agent receives over the WAN, under 4 KiB. */
  headMaxSegments: 16,
  /** A path in an entry, UTF-8. PATH_MAX of Linux. */
  pathMaxBytes: 4096,
  /** One name in a path, UTF-8. Nextcloud allows 250; Linux file systems 255. */
  nameMaxBytes: 255,
  /** Ids in one want or have request. 256 × 1 MiB is more than any peer keeps in flight. */
  wantMaxIds: 256,
  /** Ids in one have request: 32 bytes of hash each, 256 KiB of JSON. */
  haveMaxIds: 4096,
  /** Longest a peer or the gateway keeps a want request open, in milliseconds. */
  wantMaxWaitMs: 60_000,
  /** JSON body of any peer or gateway request. */
  requestBodyMaxBytes: 512 * KiB,
  /** MQTT payload of any message. `desired` of a 500-PC office is the largest. */
  mqttPayloadMaxBytes: 256 * KiB,
  /** Agents in one office's roster. */
  rosterMaxAgents: 1000,
  /** Folders an agent may hold. */
  agentMaxFolders: 200,
  /** A command to an agent. */
  commandMaxBytes: 1024,
  /** Longest an agent sends its log after one command, in milliseconds: whoever watches asks again. */
  logStreamMaxMs: 600_000,
  /** Least time between two batches of log lines, in milliseconds. With the next limit at most 32 KiB/s, a tenth of a 2 Mbit/s line. */
  logBatchIntervalMs: 500,
  /** One batch of log lines as JSON. */
  logBatchMaxBytes: 16 * KiB,
  /** Lines in one batch; as many of the shortest as fit into its bytes. */
  logBatchMaxLines: 256,
  /** One log line as JSON. A message of its longest text in any script has less. */
  logLineMaxBytes: 8 * KiB,
  /** A message or a fact of a log line, in UTF-16 units. */
  logTextMaxChars: 2000,
  /** The name of a fact of a log line, in UTF-16 units. */
  logFactNameMaxChars: 64,
  /** Facts of one log line. */
  logMaxFacts: 24,
} as const;
