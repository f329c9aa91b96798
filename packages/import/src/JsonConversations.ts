/**
 * The common way of every reader of JSON exports: from a file's bytes to conversations, rejected records and what is left over.
 *
 * W1  Each record of the file comes out once: as a conversation, or rejected with a reason, its place and its bytes.
 * W2  A file that ends too soon, or whose packing breaks, gives what stood before and says where it ended.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { AssetDesk } from "./Assets.ts"
import { cleanLabelOrNull } from "./CleanText.ts"
import { type Draft, settle, type Unfit, type Workbench } from "./Draft.ts"
import type { SourceFailed } from "./ImportRefused.ts"
import { type Flawed, JsonRecords, type Whole } from "./JsonRecords.ts"
import { Notes } from "./Notes.ts"
import type { Aside, Conversation, ReadContext, Rejected } from "./Reader.ts"
import type { Sample } from "./Sample.ts"
import type { Entry } from "./Source.ts"

/** What a JSON export of one product looks like. */
export interface JsonFormat {
  /** The key of a record that holds its nodes. */
  readonly nodesKey: string
  readonly looksLike: (value: unknown) => boolean
  /** Pure. `found`: entries of the node container, as the text says. */
  readonly normalise: (value: unknown, found: number, bench: Workbench, raw: Uint8Array) => Draft | Unfit
  // For records that cannot be parsed:
  readonly idKey: RegExp
  readonly titleKey: RegExp
  /** Stands once in every node. */
  readonly nodeKey: RegExp
}

type Found = Whole | Flawed | Aside

/** Reads one file. */
export const readJson = (
  format: JsonFormat,
  entry: Entry,
  sample: Sample,
  context: ReadContext
): Stream.Stream<Conversation | Rejected | Aside, SourceFailed> =>
  Stream.suspend(() => {
    const records = new JsonRecords({
      listKey: sample.listKey,
      nodesKey: format.nodesKey,
      bytesMax: context.limits.conversationBytesMax,
      jsonDepthMax: context.limits.jsonDepthMax,
      jsonMarksMax: context.limits.jsonMarksMax,
      looksLike: format.looksLike
    })
    let broken: string | null = null
    const end = Stream.suspend(() => Stream.fromIterable(ending(records, entry, broken)))
    return entry.bytes.pipe(
      Stream.mapConcat((chunk): Iterable<Found> => {
        context.advance(chunk.length)
        return records.push(chunk)
      }),
      Stream.catchTag("EntryBroken", ({ reason }) => {
        broken = reason
        return Stream.empty
      }),
      Stream.concat(end),
      Stream.mapEffect((found) => conclude(format, found, entry, context))
    )
  })

/** The records the end leaves, and a word about it when the file does not end as it should. */
const ending = (records: JsonRecords, entry: Entry, broken: string | null): ReadonlyArray<Found> => {
  const last: Array<Found> = [...records.end()]
  const cut = broken ?? (records.listOpen ? "the file ends before its list of conversations does" : null)
  const told = last.some((record) => record._tag === "Flawed" && record.piece.flaw === "cut")
  if (cut === null || (told && broken === null)) return last
  const reason = `truncated: ${cut} (after ${records.fed} bytes)`
  return [...last, { _tag: "Aside", name: entry.name, title: null, reason, records: null, content: null }]
}

const conclude = (
  format: JsonFormat,
  found: Found,
  entry: Entry,
  context: ReadContext
): Effect.Effect<Conversation | Rejected | Aside, SourceFailed> => {
  if (found._tag === "Aside") return Effect.succeed(found)
  if (found._tag === "Flawed") return Effect.sync(() => reject(format, found, entry))
  const { piece, utf8, value } = found
  const place = { file: entry.name, start: piece.start, end: piece.end }
  const notes = () => {
    const fresh = new Notes()
    if (!utf8) fresh.add("bytes that are not UTF-8 were replaced")
    return fresh
  }
  const read = (desk: AssetDesk, notes: Notes) =>
    format.normalise(value, piece.nodes, { notes, desk, limits: context.limits }, piece.bytes)
  return settle(read, { raw: piece.bytes, place, notes }, context)
}

/** A record nobody can parse, described as far as its text allows. */
const reject = (format: JsonFormat, { piece, reason }: Flawed, entry: Entry): Rejected => {
  const text = Buffer.from(piece.bytes).toString("utf8")
  const title = format.titleKey.exec(text)?.[1]
  return {
    _tag: "Rejected",
    id: cleanLabelOrNull(format.idKey.exec(text)?.[1] ?? null, new Notes()),
    title: title === undefined ? null : cleanLabelOrNull(unescape(title), new Notes()),
    reason: `${reason} (bytes ${piece.start} to ${piece.end} of ${entry.name})`,
    nodes: Math.max(piece.nodes, text.match(format.nodeKey)?.length ?? 0),
    raw: piece.flaw === "long" || piece.bytes.length === 0 ? null : piece.bytes,
    place: { file: entry.name, start: piece.start, end: piece.end }
  }
}

const unescape = (json: string): string => {
  try {
    return JSON.parse(`"${json}"`) as string
  } catch {
    return json
  }
}
