/** What a check of a chain can find and conclude. Plain data: it crosses from the worker to the page. */

/** The first thing that is not right. `seq`: the entry it is about; `from`–`to`: somewhere among these. */
export interface Finding {
  what:
    | 'headForm'
    | 'headSignature'
    | 'headFolder'
    | 'unsigned'
    | 'entryMissing'
    | 'entryForm'
    | 'entryChanged'
    | 'segmentLinks'
    | 'snapshotSignature'
    | 'snapshotLinks'
    | 'snapshotContent'
    | 'endMissing'
    | 'endLink'
    | 'fileDiffers'
    | 'manifestDiffers';
  /** The code of the error table an agent would give. */
  code: string;
  seq?: number;
  from?: number;
  to?: number;
  /** More words, English: what the parser said. */
  detail?: string;
}

/** Whether something was proved, could not be proved here, or did not come up. */
export type Proof = 'proved' | 'notChecked' | 'none';

/** What was looked at and what came out. `finding` undefined: everything that was looked at is right. */
export interface Verdict {
  finding: Finding | undefined;
  /** 0: nothing was published yet. */
  headSeq: number;
  headAtMs: number | undefined;
  /** Entries whose links were computed and are right. */
  entries: number;
  headSignature: Proof;
  /** Id of the key that signed the head. */
  key: string | undefined;
  /** Signed places inside the chain that were compared. */
  segments: number;
  snapshotSignature: Proof;
  snapshot: Proof;
  /** Whether the file that was asked about is what the entries say. */
  file: Proof;
  /** Whether the chunks the server lists are the manifest that stands in the chain. */
  manifest: Proof;
  tookMs: number;
}

/** What the server says of a file, to be compared with what the chain says. `chunks` only when they are all there. */
export interface FileClaim {
  path: string;
  /** Null: the server says there is no such file now. */
  file: { seq: number; sizeBytes: number; etag: string; manifest: string } | null;
  chunks?: readonly { id: string; size: number }[];
}

/** An entry as the server keeps it. */
export interface RawEntry {
  seq: number;
  body: string;
  link: string;
}
