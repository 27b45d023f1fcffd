/**
 * Headers that a have answer may carry besides its bitmap. Both are optional: an agent that does not know them loses nothing but a little
 * efficiency when the office changes in mid-transfer.
 */

/** Base64 bitmap: bit i is set when the peer is fetching ids[i] from outside the office or has undertaken to. */
export const FETCHING_HEADER = 'harp-fetching';
/** What the peer has learnt about the folder's origin grant; see GrantGates.hint. */
export const ORIGIN_HEADER = 'harp-origin';
