/**
 * The audit of a node's log: its tree, its signed heads, and what can be proven with them.
 *
 * D1  A head is signed for all that was committed when it was asked for; while nothing is committed it stays the same one.
 * D2  A head is only signed if the tree continues that of every head signed before, the kept ones and the one in the file; else it is
 *     refused, and it is said which head the tree does not continue.
 * D3  Whatever is killed between the tree and the head, or between the head and its file, the next head continues all before it.
 * D4  Heads are signed at an interval by the process that grows the tree, in any when they are asked for, and all are kept.
 * D5  Inclusion of any event and consistency of any two sizes are proven out of what is kept.
 */
import type { SigningKey } from "@vivim/crypto/SigningKey"
import { EventStore } from "@vivim/event-store/EventStore"
import type { EventStoreError } from "@vivim/event-store/EventStoreError"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { AuditStore, type AuditStoreError, type TreeHead } from "./AuditStore.ts"
import * as Checkpoint from "./Checkpoint.ts"
import * as HeadFile from "./HeadFile.ts"
import type { NoteKey } from "./SignedNote.ts"
import * as TreeGrower from "./TreeGrower.ts"
import * as TreeProof from "./TreeProof.ts"

/** No head can be signed, and nothing proven: the tree, its heads and the log do not agree. */
export class TreeDisagrees extends Data.TaggedError("TreeDisagrees")<{ readonly message: string }> {}

export type AuditFailure = TreeDisagrees | AuditStoreError | EventStoreError | HeadFile.HeadFileError

export class AuditLog extends Context.Tag("@vivim/audit/AuditLog")<AuditLog, {
  /** The log's origin, and the public half of the key that signs its heads. */
  readonly key: NoteKey
  /** Signs in the name of the log: for what is handed out, never for a head. */
  readonly seal: SigningKey["sign"]
  readonly store: Context.Tag.Service<AuditStore>
  /** Waits until the tree holds the log up to this position; null, or what keeps it from that. */
  readonly reaches: (position: number) => Effect.Effect<string | null>
  readonly signHead: Effect.Effect<TreeHead, AuditFailure>
  /** The newest head in this process's file: what must be among the kept ones. */
  readonly issued: Effect.Effect<HeadFile.IssuedHead | null, HeadFile.HeadFileError>
  /** Why the tree does not grow, or null. */
  readonly trouble: Effect.Effect<string | null>
}>() {}

export interface Options {
  readonly key: SigningKey
  /** Where the newest head is written down, outside the database. */
  readonly headFile: string
  readonly headEvery: Duration.DurationInput
  /** How long what comes may wait to be taken into the tree together, unless somebody waits for it. */
  readonly togetherMax?: Duration.DurationInput
}

interface Ground extends Options {
  readonly store: Context.Tag.Service<AuditStore>
  readonly eventStore: Context.Tag.Service<EventStore>
  readonly noteKey: NoteKey
  readonly grower: TreeGrower.Grower
}

/** The name of a log: its id makes it unlike any other. */
const originOf = (id: string): string => `vivim/log/${id}`

const make = Effect.fnUntraced(function*(options: Options) {
  const store = yield* AuditStore
  const ground: Ground = {
    ...options,
    store,
    eventStore: yield* EventStore,
    noteKey: { name: originOf(store.id), publicKey: options.key.publicKey },
    grower: yield* TreeGrower.start(options.togetherMax ?? "500 millis")
  }
  const one = yield* Effect.makeSemaphore(1)
  const signHead = one.withPermits(1)(sign(ground))
  // By the process that grows the tree: it has taken in what it signs, and the others need not follow the log for it.
  yield* ground.grower.here.whenOpen(signHead).pipe(
    Effect.catchAll((error) => Effect.logError(`no tree head could be signed: ${error.message}`)),
    Effect.repeat(Schedule.spaced(options.headEvery)),
    Effect.forkScoped
  )
  return AuditLog.of({
    key: ground.noteKey,
    seal: options.key.sign,
    store,
    reaches: (position) => Effect.map(TreeGrower.reaches(ground.grower, position), ({ trouble }) => trouble),
    signHead,
    issued: HeadFile.read(options.headFile),
    trouble: Effect.map(ground.grower.grown.get, ({ trouble }) => trouble)
  })
})

export const layer = (options: Options): Layer.Layer<AuditLog, AuditStoreError, EventStore | AuditStore> =>
  Layer.scoped(AuditLog, make(options))

const sign = (ground: Ground): Effect.Effect<TreeHead, AuditFailure> =>
  Effect.gen(function*() {
    const { root, size, trouble } = yield* TreeGrower.reaches(ground.grower, yield* ground.eventStore.head)
    if (trouble !== null) return yield* new TreeDisagrees({ message: trouble })
    const newest = yield* mustContinue(ground, size)
    if (newest?.size === size) return newest
    // What is signed is what was taken in, and the kept tree must say the same: else its proofs would not fit the head.
    const kept = yield* rootAt(ground, size)
    if (Buffer.compare(kept, root) !== 0) {
      return yield* new TreeDisagrees({ message: `the kept tree of ${size} leaves is not the one that was grown` })
    }
    const head: TreeHead = {
      number: (newest?.number ?? 0) + 1,
      size,
      root,
      at: yield* Clock.currentTimeMillis,
      note: Checkpoint.signed({ origin: ground.noteKey.name, size, root }, ground.key)
    }
    // Another process may have signed meanwhile: then its head is looked at first.
    if (!(yield* ground.store.keepHead(head))) return yield* sign(ground)
    yield* HeadFile.write(ground.headFile, head)
    return head
  })

const rootAt = (ground: Ground, size: number) =>
  Effect.catchTag(
    TreeProof.rootAt(ground.store.tiles, size),
    "TreeDamaged",
    ({ message }) => new TreeDisagrees({ message })
  )

/** The newest kept head, after both it and the one in the file have been held against the tree. */
const mustContinue = (ground: Ground, size: number): Effect.Effect<TreeHead | null, AuditFailure> =>
  Effect.gen(function*() {
    const newest = yield* ground.store.newestHead
    const issued = yield* HeadFile.read(ground.headFile)
    for (const head of [newest, issued]) {
      // Most of the time they are one and the same.
      if (head === null || (head === issued && issued.note === newest?.note)) continue
      const checkpoint = Checkpoint.opened(head.note, ground.noteKey)
      if (checkpoint === null) {
        return yield* new TreeDisagrees({
          message: head === issued
            ? `head ${head.number} in ${ground.headFile} is of another log: the database is not the one this folder belongs to ` +
              "(if it is meant to be, move the file away)"
            : `head ${head.number} was not signed by this node's key for this log`
        })
      }
      const continued = checkpoint.size <= size &&
        Buffer.compare(yield* rootAt(ground, checkpoint.size), checkpoint.root) === 0
      if (!continued) {
        return yield* new TreeDisagrees({
          message: `the tree of ${size} leaves does not continue head ${head.number}, signed over ${checkpoint.size}`
        })
      }
    }
    if (issued !== null && issued.number > (newest?.number ?? 0)) {
      return yield* new TreeDisagrees({
        message: `head ${issued.number} was issued, but the newest kept one is ${newest?.number ?? "none"}`
      })
    }
    return newest
  })
