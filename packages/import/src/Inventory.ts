/**
 * What an import holds, before anything is read: which files have conversations and whose, which are assets, which are neither.
 *
 * Y4  The readers decide by shape alone; an export's own uploads are never taken for conversations.
 * Y6  A transcript beside an export is a conversation, unless one of the export's points at it.
 * Y7  An export of a VIVIM account is read by its manifest; pieces of one without it are refused.
 * Y5  An input without conversations is refused with what was seen in it and what can be read.
 */
import { places } from "@vivim/contract/AccountFile"
import * as Effect from "effect/Effect"
import { type AsideKind, asideKind } from "./Asides.ts"
import { assetIdOf } from "./Assets.ts"
import { ChatGptReader } from "./ChatGptReader.ts"
import { ClaudeReader } from "./ClaudeReader.ts"
import { foreignProduct } from "./Foreign.ts"
import type { ImportLimits } from "./ImportLimits.ts"
import { ImportRefused, type SourceFailed } from "./ImportRefused.ts"
import { CLEAR, MarkdownReader } from "./MarkdownReader.ts"
import type { Detection, Reader } from "./Reader.ts"
import { type Sample, sampleOf } from "./Sample.ts"
import { byName, type Entry, type Source } from "./Source.ts"
import * as VivimFile from "./VivimFile.ts"
import { VivimReader } from "./VivimReader.ts"

/** Every product this build reads. */
const READERS: ReadonlyArray<Reader> = [VivimReader, ChatGptReader, ClaudeReader, MarkdownReader]

const HINT =
  "Read are: ChatGPT exports (the zip or folder, conversations.json, conversations-000.json …, or one conversation), " +
  "Claude exports (the zip or folder, or conversations.json), VIVIM exports, Markdown transcripts (User: / Assistant: turns)."

/** A file with conversations and who reads it. */
export interface ToRead {
  readonly entry: Entry
  readonly sample: Sample
  readonly reader: Reader
  readonly detection: Detection
}

/** A file without: what it is, and whether a conversation may point at it. */
export interface Beside {
  readonly entry: Entry
  readonly what: string
  readonly aside: AsideKind | null
  readonly mayBeAsset: boolean
  /** How it is read when no conversation points at it. */
  readonly transcript: ToRead | null
}

export interface Inventory {
  readonly format: string
  readonly evidence: string
  readonly reads: ReadonlyArray<ToRead>
  readonly besides: ReadonlyArray<Beside>
  /** Exports of VIVIM's own among what was brought: to be looked at as a whole before anything is read. */
  readonly accounts: ReadonlyArray<VivimFile.VivimFile>
}

/** Looks at every file of the source. */
export const takeInventory = Effect.fn("Inventory.takeInventory")(function*(
  source: Source,
  limits: ImportLimits
): Effect.fn.Return<Inventory, ImportRefused | SourceFailed> {
  const accounts = yield* VivimFile.find(source, limits)
  const inAccounts = new Set(accounts.flatMap(({ all, at }) => [at, ...all]))
  const strangers = source.entries.filter((entry) => !inAccounts.has(entry))
  const named = strangers.filter(isNamedAsset)
  const first = yield* Effect.forEach(strangers.filter((entry) => !isNamedAsset(entry)), classify, { concurrency: 4 })
  if (first.some((file) => isToRead(file) && file.reader === VivimReader)) {
    return yield* VivimFile.unsound("it has no whole manifest, as when it was cut")
  }
  // Files named like ChatGPT's uploads are its uploads, when there is an export around them.
  const uploads = first.some((file) => isToRead(file) && file.reader === ChatGptReader)
  const second = uploads ? named.map(asset) : yield* Effect.forEach(named, classify, { concurrency: 4 })
  const own = (yield* Effect.forEach(accounts, ofAccount)).flat()
  const sorted = [...first, ...second, ...own].toSorted((a, b) => byName(a.entry, b.entry))
  const all = demote(sorted)
  const reads = all.filter(isToRead)
  const besides = all.filter((file): file is Beside => !isToRead(file))
  if (reads.length === 0 && accounts.length === 0) return yield* refuse(source, besides)
  const perhaps = besides.flatMap(({ transcript }) => transcript ?? [])
  return {
    format: formatOf([...reads, ...perhaps], besides) || "vivim-account",
    evidence: evidenceOf(reads),
    reads,
    besides,
    accounts
  }
})

/** Of an account's own export its conversations are read, and its files are what these point at. */
const ofAccount = ({ at, entries }: VivimFile.VivimFile) =>
  Effect.gen(function*() {
    const files = [...entries].filter(([name]) => name.startsWith(places.contents)).map(([, entry]) => asset(entry))
    const conversations = entries.get(places.conversations)
    const read = conversations === undefined || conversations.size === 0 ? [] : [yield* classify(conversations)]
    const what = "vouches for an export of a VIVIM account, whose other pages are for people and other programs"
    return [...read, ...files, { entry: at, what, aside: null, mayBeAsset: false, transcript: null } satisfies Beside]
  })

const isToRead = (file: ToRead | Beside): file is ToRead => "reader" in file

const baseName = (name: string): string => name.slice(name.lastIndexOf("/") + 1)

const isNamedAsset = (entry: Entry): boolean => {
  const base = baseName(entry.name)
  const id = assetIdOf(base)
  return id !== null && base.startsWith(id)
}

const asset = (entry: Entry): Beside => ({
  entry,
  what: "no conversation points at it",
  aside: null,
  mayBeAsset: true,
  transcript: null
})

const detections = (sample: Sample) =>
  READERS.flatMap((reader) => {
    const detection = reader.detect(sample)
    return detection === null ? [] : [{ reader, detection }]
  })

const classify = (entry: Entry): Effect.Effect<ToRead | Beside, SourceFailed> =>
  sampleOf(entry, (sample) => detections(sample).length > 0 || asideKind(sample) !== null).pipe(
    Effect.map((sample) => {
      const best = detections(sample).toSorted((a, b) => b.detection.confidence - a.detection.confidence)[0]
      if (best !== undefined) return { entry, sample, ...best }
      const foreign = foreignProduct(sample)
      const aside = foreign === null ? asideKind(sample) : null
      const what = foreign !== null
        ? `is ${foreign}, which is not read yet`
        : aside !== null
        ? `holds ${aside.kind}`
        : entry.suspicion ?? describe(sample)
      return { entry, what, aside, mayBeAsset: foreign === null && aside === null, transcript: null }
    })
  )

const describe = ({ mime, shape, text }: Sample): string => {
  if (shape === "empty") return "is empty"
  if (mime === "application/age") return "is sealed with age: open it with its passphrase or key first"
  if (mime === "application/zip") return "is a zip inside a zip, which is not opened"
  if (shape === "binary") return `is ${mime}, no text`
  if (shape === "text" && mime.includes("utf-16") && /^\s*[[{]/.test(text)) return "is JSON in UTF-16; save it as UTF-8"
  if (shape === "text") return "is text in which no two sides speak"
  return "is JSON of no known shape"
}

/** Beside a product's export a transcript may be something that was uploaded: its conversations tell. No clear talk is a page. */
const demote = (files: ReadonlyArray<ToRead | Beside>): ReadonlyArray<ToRead | Beside> => {
  const isTranscript = (file: ToRead | Beside) => isToRead(file) && file.reader === MarkdownReader
  const exports = new Set(files.filter((file) => isToRead(file) && !isTranscript(file)).map(({ entry }) => entry.pack))
  return files.map((file) => {
    if (!isToRead(file) || !isTranscript(file) || !exports.has(file.entry.pack)) return file
    const isClear = file.detection.confidence >= CLEAR
    const what = isClear
      ? "a conversation points at it"
      : "is a page more than a talk, and no conversation points at it"
    return { ...asset(file.entry), what, transcript: isClear ? file : null }
  })
}

const folderOf = (name: string): string => name.slice(0, name.lastIndexOf("/") + 1)

/** The format's name; several, when the folder holds several, joined by `+`. */
const formatOf = (reads: ReadonlyArray<ToRead>, besides: ReadonlyArray<Beside>): string => {
  const listsByFolder = new Map<string, number>()
  for (const { detection, entry } of reads) {
    if (detection.format !== "chatgpt-export-classic") continue
    const folder = folderOf(entry.name)
    listsByFolder.set(folder, (listsByFolder.get(folder) ?? 0) + 1)
  }
  const indexed = new Set(besides.filter(({ aside }) => aside?.index === true).map(({ entry }) => folderOf(entry.name)))
  const formats = reads.map(({ detection, entry }) => {
    const folder = folderOf(entry.name)
    const split = (listsByFolder.get(folder) ?? 0) > 1 || indexed.has(folder)
    return split && detection.format === "chatgpt-export-classic" ? "chatgpt-export-split" : detection.format
  })
  return [...new Set(formats)].toSorted().join("+")
}

const evidenceOf = (reads: ReadonlyArray<ToRead>): string => {
  const [first] = reads
  if (first === undefined) return "the manifest of an account that has said nothing"
  const more = reads.length > 1 ? `, and ${reads.length - 1} files more` : ""
  return `${first.entry.name}: ${first.detection.evidence}${more}`
}

const SHOWN = 5

const refuse = (source: Source, besides: ReadonlyArray<Beside>): ImportRefused => {
  const seen = [
    ...source.leftOut.map(({ name, reason }) => `${name} ${reason}`),
    ...besides.map(({ entry, what }) => `${entry.name} ${what}`)
  ]
  const shown = seen.slice(0, SHOWN).join("; ")
  const more = seen.length > SHOWN ? `; and ${seen.length - SHOWN} more` : ""
  const reason = source.kind === "file"
    ? `${shown}.`
    : seen.length === 0
    ? `${source.name} holds no files.`
    : `${source.name} holds no conversations: ${shown}${more}.`
  return new ImportRefused({ reason, hint: HINT })
}
