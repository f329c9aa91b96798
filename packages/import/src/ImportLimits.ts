/**
 * How much one import may ask of a node: every bound the readers hold, with the value they have when nobody says otherwise.
 *
 * Whatever goes over a bound is reported by the bound's name and left out; nothing is cut silently.
 */

export interface ImportLimits {
  /** Entries of one zip or directory that are looked at. */
  readonly entriesMax: number
  /** How many times larger than its packed form an entry may unpack to. */
  readonly ratioMax: number
  /** An entry that unpacks to at most this much is never called a bomb. */
  readonly ratioFreeBytes: number
  /** Unpacked bytes of one entry. */
  readonly entryBytesMax: number
  /** Unpacked bytes read from one import altogether. */
  readonly totalBytesMax: number
  /** Folders inside folders of a directory import. */
  readonly folderDepthMax: number
  /** Bytes of one conversation as it stands in the file. Memory use grows with it: about five times this much. */
  readonly conversationBytesMax: number
  /** Conversations of one import; their ids are held in memory, about 150 bytes each. */
  readonly conversationsMax: number
  /** Nodes of one conversation. */
  readonly nodesMax: number
  /** Nodes from the root to the deepest leaf. */
  readonly treeDepthMax: number
  /** Brackets inside brackets of one conversation's JSON. */
  readonly jsonDepthMax: number
  /** Brackets, quotes, colons and commas outside strings in one conversation's JSON: what it weighs in memory once parsed. */
  readonly jsonMarksMax: number
  /** UTF-16 units of text in one message. */
  readonly messageTextMax: number
  /** Bytes of an export's own index files (asset names, library), which are read whole. */
  readonly indexBytesMax: number
}

const KiB = 1_024
const MiB = 1_024 * KiB
const GiB = 1_024 * MiB

export const defaultImportLimits: ImportLimits = {
  entriesMax: 100_000,
  ratioMax: 200,
  ratioFreeBytes: MiB,
  entryBytesMax: 8 * GiB,
  totalBytesMax: 64 * GiB,
  folderDepthMax: 32,
  conversationBytesMax: 32 * MiB,
  conversationsMax: 500_000,
  nodesMax: 200_000,
  treeDepthMax: 100_000,
  jsonDepthMax: 1_000,
  jsonMarksMax: 4_000_000,
  messageTextMax: 8 * MiB,
  indexBytesMax: 16 * MiB
}
