/** A device's index of what is sealed, over a node that is a list in memory. */
import type { SealedDocument } from "@vivim/contract/Sealed"
import type { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as NodeCryptoSuite from "@vivim/crypto/NodeCryptoSuite"
import { DocumentId, Tag } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { assert, it } from "vitest"
import { IndexStore } from "./IndexStore.ts"
import { document, head, master, message, place, ring } from "./SealedExample.ts"
import * as SealedIndex from "./SealedIndex.ts"

const node = <A, E>(work: Effect.Effect<A, E, CryptoSuite>) =>
  Effect.runPromise(Effect.provide(work, NodeCryptoSuite.layer))

/** What the node has, and what was asked of it. */
const nodeOf = (documents: Array<SealedDocument>) => {
  const read: Array<string> = []
  const calls = {
    WatchLibrary: ({ trashed }: { readonly trashed?: boolean }) =>
      Stream.succeed({
        total: trashed === true ? 0 : documents.length + 1,
        offset: 0,
        items: trashed === true ? [] : [
          // Its export says it comes from what is called as sealed ones are.
          { documentId: "served", messages: 1, trash: null, sealed: null },
          ...documents.map(({ documentId, head, key, messages, revision }) => ({
            documentId,
            messages: messages.length,
            trash: null,
            sealed: { revision, key, head }
          }))
        ]
      }),
    ReadSealed: ({ documentId }: { readonly documentId: string }) =>
      Effect.sync(() => {
        read.push(documentId)
        return documents.find((one) => one.documentId === documentId)!
      })
  }
  return { calls: calls as never, read, documents }
}

const store = () => Context.get(Effect.runSync(Effect.scoped(Layer.build(IndexStore.layerMemory))), IndexStore)
const opened = (kept: IndexStore["Type"], keyring = ring) =>
  node(Effect.provideService(SealedIndex.make(keyring), IndexStore, kept))
const tea = [
  message("m1", "How long does sencha steep?"),
  message("m2", "Steep it for a minute, in water that has cooled down.", "m1")
]
const titled = { ...head, title: "Of green tea", head: { ...head.head, tags: [Tag.make("kitchen")] } }
const found = (index: SealedIndex.SealedIndex, query: string) =>
  index.search({ query }).map(({ messageId }) => messageId as string | null)

it("I1 what was put is there until it is removed, or all of it is cleared", async () => {
  const kept = store()
  const names = async () => [...(await Effect.runPromise(kept.all)).keys()]
  await Effect.runPromise(Effect.all([kept.put("a", Uint8Array.of(1)), kept.put("b", Uint8Array.of(2))]))
  await Effect.runPromise(kept.remove("a"))
  assert.deepStrictEqual([await names(), (await Effect.runPromise(kept.all)).get("b")], [["b"], Uint8Array.of(2)])
  await Effect.runPromise(kept.clear)
  assert.deepStrictEqual(await names(), [])
})

it("W1 holds what the node has now; only what changed is read anew", async () => {
  const at = nodeOf([await node(document(tea, titled))])
  const index = await opened(store())
  const seen: Array<number> = []
  assert.strictEqual(await node(index.sync(at.calls, ({ done }) => seen.push(done))), 0)
  assert.deepStrictEqual(seen, [0, 1])
  await node(index.sync(at.calls))
  assert.deepStrictEqual(at.read, ["d1"])
  at.documents[0] = await node(document([...tea, message("m3", "And genmaicha?", "m2")], titled))
  await node(index.sync(at.calls))
  assert.deepStrictEqual([at.read, found(index, "genmaicha")], [["d1", "d1"], ["m3"]] as never)
  at.documents.length = 0
  await node(index.sync(at.calls))
  assert.deepStrictEqual([index.size(), found(index, "sencha")], [0, []])
})

it("W2 what is kept tells nothing, and opens with the master key alone, in its own place", async () => {
  const kept = store()
  const at = nodeOf([await node(document(tea, titled))])
  await node((await opened(kept)).sync(at.calls))
  const records = await node(kept.all)
  assert.deepStrictEqual([...records.keys()], ["d1"])
  for (const word of ["sencha", "green", "kitchen"]) {
    assert.isFalse(Buffer.from(records.get("d1")!).toString("latin1").includes(word))
  }
  assert.deepStrictEqual(found(await opened(kept), "sencha"), ["m1"], "without asking the node")
  await node(kept.put("d2", records.get("d1")!))
  assert.strictEqual((await opened(kept)).size(), 1)
  const other = await opened(kept, { ...ring, masterKeys: [master(9)] })
  assert.deepStrictEqual([other.size(), (await node(kept.all)).size], [0, 0])
})

it("W3 finds words, phrases, unfinished words, titles and tags; not what was asked away", async () => {
  const index = await opened(store())
  await node(index.sync(nodeOf([await node(document(tea, titled))]).calls))
  const answers = [
    "sencha",
    "STEEP",
    "\"a minute\"",
    "\"minute a\"",
    "steep -sencha",
    "sench",
    "green kitchen",
    "zzz",
    "-tea",
    ""
  ]
  assert.deepStrictEqual(answers.map((query) => found(index, query)), [
    ["m1"],
    ["m1", "m2"],
    ["m2"],
    [],
    ["m2"],
    ["m1"],
    [null],
    [],
    [],
    []
  ])
  const [hit] = index.search({ query: "minute", provider: "chatgpt" })
  assert.deepInclude(hit, { documentId: place.documentId, role: "user", provider: "chatgpt" })
  assert.deepStrictEqual(hit!.snippet.filter(({ hit }) => hit).map(({ text }) => text), ["minute"])
  assert.lengthOf(index.search({ query: "minute", provider: "claude" }), 0)
  assert.lengthOf(index.search({ query: "steep", role: "assistant" }), 0)
  assert.lengthOf(index.search({ query: "steep", from: 86_400_000 }), 0)
  assert.lengthOf(index.search({ query: "steep", offset: 1, limit: 5 }), 1)
})

it("W4 what does not open is left out, and counted", async () => {
  const at = nodeOf([await node(document(tea, titled)), {
    ...await node(document(tea)),
    documentId: DocumentId.make("d2")
  }])
  const index = await opened(store())
  assert.strictEqual(await node(index.sync(at.calls)), 1)
  assert.deepStrictEqual([index.size(), found(index, "sencha")], [1, ["m1"]])
})
