/**
 * The reader of Markdown transcripts: one conversation per file.
 *
 * M1  Every turn is one message, in order, its words as they stand; words before the first turn are kept and hidden.
 * M2  A text in which not both sides speak is no transcript, unless it is read on purpose.
 */
import type { MessageId } from "@vivim/event-schemas/ids"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { cleanLabel, cleanLabelOrNull, cleanText } from "./CleanText.ts"
import { type Draft, settle, type Unfit } from "./Draft.ts"
import type { SourceFailed } from "./ImportRefused.ts"
import { readTranscript, type Transcript } from "./MarkdownTurns.ts"
import { sha256, type Unhashed } from "./MessageHash.ts"
import { Notes } from "./Notes.ts"
import type { Aside, Conversation, Detection, ReadContext, Reader, Rejected } from "./Reader.ts"
import type { Sample } from "./Sample.ts"
import type { Entry } from "./Source.ts"

const FORMAT = "markdown-transcript"
const TAGS_MAX = 100

const detect = (sample: Sample): Detection | null => {
  if (sample.shape !== "text" || sample.mime === "text/html") return null
  const transcript = readTranscript(sample.text)
  const turns = transcript?.turns ?? []
  const speaks = (role: string) => turns.some((turn) => turn.role === role)
  if (transcript === null || !speaks("user") || !speaks("assistant")) return null
  const confidence = isTalk(transcript) ? CLEAR : 0.5
  return { format: FORMAT, confidence, evidence: `${turns.length} turns of a person and a model` }
}

/** As sure as shape alone can be that a text is a talk, and not a page with a talk in it. */
export const CLEAR = 0.8

/** Both sides say something, and what stands before them is less than what they say, and has no chapters. */
const isTalk = ({ preamble, turns }: Transcript): boolean => {
  const said = (role: string) => turns.some((turn) => turn.role === role && turn.text !== "")
  const words = turns.reduce((sum, { text }) => sum + text.length, 0)
  return said("user") && said("assistant") && preamble.length <= words && !/^ {0,3}#{1,6}[ \t]/m.test(preamble)
}

const normalise = (raw: Uint8Array, notes: Notes, context: ReadContext): Draft | Unfit => {
  const transcript = readTranscript(decode(raw, notes))
  const unfit = (reason: string, nodes: number): Unfit => ({ _tag: "Unfit", id: null, title: null, reason, nodes })
  if (transcript === null) return unfit("nobody speaks in it", 0)
  const { createdAt, model, preamble, tags, title, turns, updatedAt } = transcript
  const found = turns.length + (preamble === "" ? 0 : 1)
  if (found > context.limits.nodesMax) {
    return unfit(`has ${found} turns, over nodesMax (${context.limits.nodesMax})`, found)
  }
  const { messages, quarantined } = chain(transcript, notes, context)
  return {
    _tag: "Draft",
    provider: "markdown",
    sourceId: `sha256-${sha256(raw)}`,
    title: cleanLabelOrNull(title, notes),
    summary: null,
    createdAt,
    updatedAt,
    archived: null,
    starred: null,
    model: cleanLabelOrNull(model, notes),
    project: null,
    tags: tags.slice(0, TAGS_MAX).map((tag) => cleanLabel(tag, notes)),
    leaf: messages.at(-1)?.id ?? null,
    messages,
    quarantined,
    merged: 0
  }
}

/** Each turn answers the one before. */
const chain = (transcript: NonNullable<ReturnType<typeof readTranscript>>, notes: Notes, { limits }: ReadContext) => {
  const messages: Array<Unhashed> = []
  const quarantined: Array<{ readonly id: string; readonly reason: string }> = []
  const add = (id: string, message: Pick<Unhashed, "role" | "author" | "at" | "hidden">, source: string) => {
    if (source.length > limits.messageTextMax) {
      const reason = `holds ${source.length} characters, over messageTextMax (${limits.messageTextMax})`
      return void quarantined.push({ id, reason })
    }
    const text = cleanText(source, notes)
    const blocks = text === "" ? [] : [{ _tag: "Text", text, citations: [] } as const]
    messages.push({ id: id as MessageId, parent: messages.at(-1)?.id ?? null, model: null, ...message, blocks })
  }
  if (transcript.preamble !== "") {
    add("preamble", { role: "system", author: null, at: null, hidden: "preamble" }, transcript.preamble)
  }
  transcript.turns.forEach(({ at, role, speaker, text }, i) => {
    const hidden = role === "user" || role === "assistant" ? null : role
    add(`m${i + 1}`, { role, author: cleanLabelOrNull(speaker, notes), at, hidden }, text)
  })
  return { messages, quarantined }
}

const decode = (raw: Uint8Array, notes: Notes): string => {
  const [first, second] = raw
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(raw)
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(raw)
  const text = new TextDecoder().decode(raw)
  if (text.includes("\uFFFD")) notes.add("bytes that are not UTF-8 may have been replaced")
  return text
}

const read = (
  entry: Entry,
  _sample: Sample,
  context: ReadContext
): Stream.Stream<Conversation | Rejected | Aside, SourceFailed> =>
  Stream.unwrap(Effect.gen(function*() {
    const max = context.limits.conversationBytesMax
    let length = 0
    let broken: string | null = null
    const chunks = yield* entry.bytes.pipe(
      Stream.tap((chunk) => Effect.sync(() => context.advance(chunk.length))),
      Stream.takeWhile((chunk) => (length += chunk.length) <= max),
      Stream.catchTag("EntryBroken", ({ reason }) => {
        broken = reason
        return Stream.empty
      }),
      Stream.runCollect
    )
    const place = { file: entry.name, start: 0, end: length }
    if (length > max) {
      const reason = `over conversationBytesMax (${max} bytes)`
      return Stream.succeed<Rejected>({ _tag: "Rejected", id: null, title: null, reason, nodes: 0, raw: null, place })
    }
    const raw = Buffer.concat(Chunk.toReadonlyArray(chunks))
    const item = yield* settle(
      (_desk, notes) => normalise(raw, notes, context),
      { raw, place, notes: () => new Notes() },
      context
    )
    if (broken === null) return Stream.succeed(item)
    const reason = `truncated: ${broken} (after ${length} bytes)`
    const aside: Aside = { _tag: "Aside", name: entry.name, title: null, reason, records: null, content: null }
    return Stream.make(item, aside)
  }))

export const MarkdownReader: Reader = { name: "Markdown transcripts", detect, read }
