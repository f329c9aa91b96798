/** The list of deletions, and what a node does about those its log does not know of. */
import { describe, it } from "@effect/vitest"
import * as CommandIds from "@vivim/crypto/CommandIds"
import * as EventSeal from "@vivim/crypto/EventSeal"
import { fromMasterKey } from "@vivim/crypto/MasterKeyCipher"
import {
  ConversationDeleted,
  ConversationStarted,
  DocumentEvents,
  MessageDeleted
} from "@vivim/event-schemas/document/index"
import { Did, DocumentId, MessageId, StreamName } from "@vivim/event-schemas/ids"
import * as Meta from "@vivim/event-schemas/Meta"
import { EventStore } from "@vivim/event-store/EventStore"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert } from "vitest"
import * as Deletions from "./Deletions.ts"
import * as RepeatedDeletions from "./RepeatedDeletions.ts"

const root = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-deletions-"))
afterAll(() => fs.rmSync(root, { recursive: true, force: true }))
const owner = Did.make("did:key:zAda")
const nodeKey = new Uint8Array(32).fill(7)
const placeOf = (name: string) => {
  const keys = path.join(root, name)
  fs.mkdirSync(keys)
  fs.writeFileSync(path.join(keys, "node.key"), nodeKey)
  return { keys, nodeKey: path.join(keys, "node.key") }
}
const streamOf = (id: string) => StreamName.make(`document/${id}`)
const conversation = (id: string): Deletions.Deletion => ({
  type: ConversationDeleted.tag,
  stream: streamOf(id),
  owner,
  message: null
})
const message = (id: string, of: string): Deletions.Deletion => ({
  type: MessageDeleted.tag,
  stream: streamOf(id),
  owner,
  message: MessageId.make(of)
})

const state = Effect.fnUntraced(function*(id: string, event: Parameters<typeof DocumentEvents.encode>[0]) {
  const eventStore = yield* EventStore
  const commandId = yield* CommandIds.next
  const meta = Meta.encode({
    ...{ commandId, causationId: null, correlationId: null, by: owner, device: null, hlc: "1.0", trace: null }
  })
  yield* eventStore.append(streamOf(id), "any", [{
    ...DocumentEvents.encode(event),
    id: commandId,
    owner,
    at: 1,
    meta
  }])
})
const started = (id: string) =>
  state(id, ConversationStarted({ documentId: DocumentId.make(id), owner, title: "Tea" as never } as never))
const log = Effect.gen(function*() {
  const events = yield* Stream.runCollect((yield* EventStore).readAll(0))
  return [...events].map(({ stream, type }) => `${stream} ${type}`)
})
/** One start of a node on this log. */
const life = (at: ReturnType<typeof placeOf>) => Layer.build(RepeatedDeletions.layer(at))
const test = (title: string, holds: () => Generator<any, void, any>) =>
  it.scopedLive(title, () => Effect.provide(Effect.gen(holds), EventStore.layerMemory) as never)

describe("deletions", () => {
  test("D1 are listed one a line; a line that was cut off spoils no other", function*() {
    const { keys } = placeOf("list")
    const file = Deletions.fileIn(keys)
    assert.deepStrictEqual(Deletions.read(file), [])
    yield* Deletions.add(file, [conversation("a"), message("b", "m1")])
    fs.appendFileSync(file, `\n{"type":"document.Conv`)
    yield* Deletions.add(file, [conversation("c")])
    assert.deepStrictEqual(Deletions.read(file), [conversation("a"), message("b", "m1"), conversation("c")])
    assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
  })

  test("R1 that a log does not know of are said again, once, and only what is not deleted with more", function*() {
    const at = placeOf("older")
    yield* started("a")
    yield* started("b")
    yield* Deletions.add(Deletions.fileIn(at.keys), [
      message("a", "m1"),
      message("b", "m1"),
      conversation("b"),
      conversation("never")
    ])
    const said = [
      "document/a document.ConversationStarted",
      "document/b document.ConversationStarted",
      "document/a document.MessageDeleted",
      "document/b document.ConversationDeleted"
    ]
    for (let n = 0; n < 2; n++) {
      yield* Effect.scoped(life(at))
      assert.deepStrictEqual(yield* log, said)
    }
    // It opens, as any that was stated before its owner had keys.
    const [, recorded] = yield* Stream.runCollect((yield* EventStore).read("document/a"))
    const plain = yield* EventSeal.open(fromMasterKey(nodeKey), recorded!)
    const event = DocumentEvents.decode({ ...recorded!, private: plain })
    assert.deepInclude(event, { _tag: "document.MessageDeleted", messageId: MessageId.make("m1") })
    assert.strictEqual(Meta.decode(recorded!.meta).by, owner)
  })

  test("R2 come into the list from the log, those it has at the start and those to come", function*() {
    const at = placeOf("newer")
    const listed = Effect.sync(() => Deletions.read(Deletions.fileIn(at.keys)))
    yield* started("a")
    yield* state("a", ConversationDeleted({ documentId: DocumentId.make("a") }))
    yield* life(at)
    assert.deepStrictEqual(yield* listed, [conversation("a")])
    yield* started("b")
    yield* state("b", MessageDeleted({ documentId: DocumentId.make("b"), messageId: MessageId.make("m1") }))
    yield* Effect.repeat(listed, { until: (all) => all.length > 1, schedule: Schedule.spaced("10 millis") })
    assert.deepStrictEqual(yield* listed, [conversation("a"), message("b", "m1")])
  })
})
