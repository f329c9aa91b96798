/**
 * Keeps the list of deletions, and says again at the start what stands in it and not in the log: a backup was restored that is older.
 *
 * R1  What was deleted after a backup was made is deleted again before the restored node answers anybody, and its keys are destroyed.
 * R2  The list has every deletion of the log, also of a log that came without it.
 *
 * The events are the same as when they were first stated, in the owner's name, and everything follows from them as it did. Nobody
 * needs to be here for it: nothing in them is private, and what seals it is the node's key.
 */
import * as HybridClock from "@vivim/actor/HybridClock"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import * as Meta from "@vivim/event-schemas/Meta"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as Deletions from "./Deletions.ts"
import type { Folders } from "./Folders.ts"

/** Says one again, at the end of its stream as that stands now; nothing where there is no such stream, or somebody else said it. */
const repeat = Effect.fnUntraced(function*(nodeKey: Uint8Array, deletion: Deletions.Deletion) {
  const eventStore = yield* EventStore
  const { owner, stream } = deletion
  const all = [...yield* Stream.runCollect(eventStore.read(stream))]
  const isSaid = all.some((recorded) => {
    const said = Deletions.types.includes(recorded.type as never) ? Deletions.deletionOf(recorded) : null
    return said !== null && Deletions.nameOf(said) === Deletions.nameOf(deletion)
  })
  if (all.length === 0 || isSaid) return
  const clock = yield* HybridClock.make
  for (const { meta } of all) clock.see(Meta.decode(meta).hlc)
  const reading = yield* clock.read
  const id = yield* CommandIds.next
  const meta = Meta.encode({
    ...{ commandId: id, causationId: null, correlationId: null },
    ...{ by: owner, device: null, hlc: HybridClock.format(reading), trace: null }
  })
  const plain = { ...Deletions.vocabulary.encode(Deletions.eventOf(deletion)), id, owner, at: reading.millis, meta }
  const sealed = yield* Effect.orDie(EventSeal.seal(fromMasterKey(nodeKey), { ...plain, stream }, plain.private))
  yield* eventStore.append(stream, all.at(-1)!.version, [{ ...plain, private: sealed }])
})

/** What is deleted with something larger needs not be said. */
const isCovered = (names: ReadonlySet<string>, deletion: Deletions.Deletion) =>
  deletion.type !== "user.UserDeleted" && (
    names.has(Deletions.ofAccount(deletion.owner)) ||
    deletion.message !== null && names.has(Deletions.ofConversation(deletion))
  )

export const layer = (at: Pick<Folders, "keys" | "nodeKey">) =>
  Layer.scopedDiscard(Effect.gen(function*() {
    const eventStore = yield* EventStore
    const file = Deletions.fileIn(at.keys)
    const head = yield* eventStore.head
    const listed = Deletions.read(file)
    const names = new Set(listed.map(Deletions.nameOf))
    const list = (deletions: ReadonlyArray<Deletions.Deletion>) =>
      Effect.suspend(() => {
        const fresh = deletions.filter((deletion) => !names.has(Deletions.nameOf(deletion)))
        for (const deletion of fresh) names.add(Deletions.nameOf(deletion))
        return Deletions.add(file, fresh)
      })
    const filter = { types: Deletions.types }
    const stated = [...yield* Stream.runCollect(eventStore.readAll(0, { filter, upTo: head }))]
      .flatMap((recorded) => Deletions.deletionOf(recorded) ?? [])
    yield* list(stated)
    const inLog = new Set(stated.map(Deletions.nameOf))
    const pending = listed.filter((deletion) => !inLog.has(Deletions.nameOf(deletion)) && !isCovered(names, deletion))
    if (pending.length > 0) {
      const nodeKey = fs.readFileSync(at.nodeKey)
      yield* Effect.forEach(
        pending,
        (deletion) => Effect.retry(repeat(nodeKey, deletion), { while: ({ _tag }) => _tag === "StreamMoved" }),
        { discard: true }
      )
      yield* Effect.logInfo(`${pending.length} deletions that the restored log did not know of are said again`)
    }
    yield* Effect.forkScoped(Effect.repeat(
      Effect.ignoreLogged(Stream.runForEach(
        eventStore.follow(head, { filter }),
        (events) => list(events.flatMap((recorded) => Deletions.deletionOf(recorded) ?? []))
      )),
      Schedule.spaced("1 second")
    ))
  }))
