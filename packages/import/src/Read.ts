/**
 * The door of the readers: from a path to a stream of conversations in normal form, with an account of everything else.
 *
 * R4  The items are the same in the same order every time, so that an import can go on where it stopped.
 * R5  Every file of the input is read, named as no conversation, or left out with a reason.
 * R6  Items an earlier run has are counted, not given out, and nothing of theirs is stored again.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { assetNames } from "./Asides.ts"
import { Assets } from "./Assets.ts"
import type { ImportLimits } from "./ImportLimits.ts"
import type { ImportRefused, SourceFailed } from "./ImportRefused.ts"
import { type Beside, type Inventory, takeInventory, type ToRead } from "./Inventory.ts"
import { openSource } from "./OpenSource.ts"
import type { Aside, Conversation, Item, Keep, ReadContext, Rejected } from "./Reader.ts"
import { Repeats } from "./Repeats.ts"
import { head, type Source } from "./Source.ts"
import * as VivimFile from "./VivimFile.ts"

export interface ReadOptions {
  readonly limits: ImportLimits
  readonly keep: Keep
  /** How many items an earlier run has already taken in. */
  readonly skip?: number
}

/** How far a reading is, in unpacked bytes of conversation files. */
export interface Progress {
  readonly read: number
  readonly total: number
}

export interface Reading {
  readonly format: string
  /** What told the format. */
  readonly evidence: string
  readonly items: Stream.Stream<Item, ImportRefused | SourceFailed>
  readonly progress: Effect.Effect<Progress>
  /** Of the files the export's own index names: how many it holds. Told when the items are through. */
  readonly named: Effect.Effect<{ readonly resolved: number; readonly missing: number }>
}

/** Opens an import, looks at all its files and says what they are. Nothing is held open. */
export const open = Effect.fn("Read.open")(function*(
  path: string,
  options: ReadOptions
): Effect.fn.Return<Reading, ImportRefused | SourceFailed> {
  const source = yield* openSource(path, options.limits)
  const inventory = yield* takeInventory(source, options.limits)
  const total = [...inventory.reads, ...inventory.besides.filter(({ transcript }) => transcript !== null)]
    .reduce((sum, { entry }) => sum + (entry.size ?? 0), 0)
  const run: Run = { read: 0, given: 0, assets: new Assets([], new Map(), new Map(), options.keep) }
  return {
    format: inventory.format,
    evidence: inventory.evidence,
    items: Stream.unwrap(
      Effect.forEach(inventory.accounts, (file) => VivimFile.check(file, source, options.limits)).pipe(
        Effect.zipRight(indexOf(inventory, options.limits)),
        Effect.map(({ files: promised, library }) => {
          run.read = run.given = 0
          const files = inventory.besides.filter(({ mayBeAsset }) => mayBeAsset).map(({ entry }) => entry)
          run.assets = new Assets(files, promised, library, options.keep)
          return items(source, inventory, options, run)
        })
      )
    ),
    progress: Effect.sync(() => ({ read: run.read, total: Math.max(total, run.read) })),
    named: Effect.sync(() => {
      const { missing, resolved } = run.assets.named()
      return { resolved, missing: missing.length }
    })
  }
})

/** The state of one run over the items. */
interface Run {
  read: number
  given: number
  assets: Assets
}

/** Original names from the export's own index files. */
const indexOf = ({ besides }: Inventory, limits: ImportLimits) =>
  Effect.forEach(besides.filter(({ aside }) => aside?.index === true), (beside) => parse(beside, limits)).pipe(
    Effect.map((indexes) => indexes.map(assetNames)),
    Effect.map((names) => ({
      files: new Map(names.flatMap(({ files }) => files)),
      library: new Map(names.flatMap(({ library }) => library))
    }))
  )

/** A small JSON file as a whole; undefined when it is larger than an index may be, or no JSON. */
const parse = ({ entry }: Beside, limits: ImportLimits): Effect.Effect<unknown, SourceFailed> =>
  head(entry, limits.indexBytesMax + 1).pipe(Effect.map((bytes) => {
    if (bytes.length > limits.indexBytesMax) return undefined
    try {
      return JSON.parse(new TextDecoder().decode(bytes)) as unknown
    } catch {
      return undefined
    }
  }))

const items = (
  source: Source,
  inventory: Inventory,
  options: ReadOptions,
  run: Run
): Stream.Stream<Item, SourceFailed> => {
  const skip = options.skip ?? 0
  const context: ReadContext = {
    limits: options.limits,
    assets: run.assets,
    counting: () => run.given < skip,
    advance: (bytes) => {
      run.read += bytes
    }
  }
  const repeats = new Repeats()
  const leftOut = Stream.fromIterable(source.leftOut.map(({ name, reason }) => aside(name, reason)))
  const reads = Stream.fromIterable(inventory.reads).pipe(
    Stream.concat(Stream.suspend(() => Stream.fromIterable(transcriptsLeft(inventory, context))))
  )
  const conversations = reads.pipe(
    Stream.flatMap(({ entry, reader, sample }) => reader.read(entry, sample, context)),
    bounded(options.limits.conversationsMax),
    Stream.map((item): Item => item._tag === "Conversation" ? repeats.judge(item) : item)
  )
  const besides = Stream.fromIterable(inventory.besides.filter(({ mayBeAsset }) => !mayBeAsset)).pipe(
    Stream.mapEffect((beside) => keepAside(beside, options, context))
  )
  const rest = Stream.suspend(() => Stream.fromIterable(assetsLeft(inventory, run.assets)))
  return leftOut.pipe(
    Stream.concat(conversations),
    Stream.concat(besides),
    Stream.concat(rest),
    Stream.tap(() => Effect.sync(() => run.given++)),
    Stream.drop(skip)
  )
}

const aside = (name: string, reason: string, title: string | null = null): Aside => ({
  _tag: "Aside",
  name,
  title,
  reason,
  records: null,
  content: null
})

/** Transcripts beside an export that none of its conversations pointed at: to be asked when those are read. */
const transcriptsLeft = ({ besides }: Inventory, { advance, assets }: ReadContext): ReadonlyArray<ToRead> => {
  const pointedAt = assets.pointedAt()
  return besides.flatMap(({ entry, transcript }) => {
    if (transcript === null) return []
    if (!pointedAt.has(entry)) return transcript
    advance(entry.size ?? 0)
    return []
  })
}

/** Stops after the bound, and says so. */
const bounded = (max: number) => <E>(found: Stream.Stream<Conversation | Rejected | Aside, E>) =>
  found.pipe(
    Stream.mapAccum(0, (count, item) => {
      const next = item._tag === "Aside" ? count : count + 1
      return [next, next > max ? null : item]
    }),
    Stream.takeUntil((item) => item === null),
    Stream.map((item) => item ?? aside("conversations", `the rest is over conversationsMax (${max})`))
  )

/** A file that is no conversation: kept when its shape is known, so that a later reader finds it. */
const keepAside = (beside: Beside, options: ReadOptions, context: ReadContext): Effect.Effect<Aside, SourceFailed> =>
  Effect.gen(function*() {
    const { aside: kind, entry, what } = beside
    const plain = aside(entry.name, what)
    if (kind === null || kind.kind === "a web page" || context.counting()) return plain
    const value = yield* parse(beside, options.limits)
    const records = Array.isArray(value) ? value.length : value === undefined ? null : 1
    const content = yield* options.keep(entry.bytes, { name: entry.name, mime: "application/json" }).pipe(
      Effect.catchTag("EntryBroken", () => Effect.succeed(null))
    )
    return { ...plain, records, content }
  })

/** Files nobody pointed at, and files the export names and does not hold. */
const assetsLeft = (inventory: Inventory, assets: Assets): ReadonlyArray<Aside> => {
  const whatByName = new Map(inventory.besides.map(({ entry, what }) => [entry.name, what]))
  const read = new Set(inventory.besides.flatMap(({ entry, transcript }) => transcript === null ? [] : entry.name))
  return [
    ...assets.unused().filter(({ name }) => !read.has(name)).map(({ name, title }) =>
      aside(name, whatByName.get(name) ?? "no conversation points at it", title)
    ),
    ...assets.named().missing.map(({ name, title }) => aside(name, "is named by the export and not in it", title))
  ]
}
