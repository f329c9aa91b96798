/** What follows from a deletion, and how it is recorded. */
import * as Actor from "@vivim/actor/Actor"
import { NothingToChange } from "@vivim/contract/Refusal"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import {
  ConversationDeleted,
  ConversationSealed,
  ConversationUnsealed,
  MessageDeleted
} from "@vivim/event-schemas/document/index"
import { CommandId, Did, DocumentId, MessageId, StreamName } from "@vivim/event-schemas/ids"
import { UserDeleted } from "@vivim/event-schemas/user/index"
import { KeysDestroyed } from "@vivim/event-schemas/vault/index"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { assert, it } from "vitest"
import * as Shredder from "./Shredder.ts"
import { ShredProcess } from "./ShredProcess.ts"
import { Vault } from "./Vault.ts"

const ada = Did.make("did:key:zAda")
const stream = StreamName.make("document/d1")
const documentId = DocumentId.make("d1")
const commandId = CommandId.make("01890000-0000-7000-8000-000000000001")

it("Q1 what was destroyed is recorded once, and says nothing of what was in it", () => {
  const ask = { commandId, stream, owner: ada, upTo: 7, what: "stream" } as const
  const circumstance = { at: 1, by: ada, device: null, id: commandId }
  const first = Vault.decide.DestroyKeys(Vault.initial, ask, circumstance)
  const event = KeysDestroyed({ stream, upTo: 7, all: null })
  assert.deepStrictEqual(first, Actor.accept(event))
  const then = Actor.fold(Vault, Vault.initial, [event])
  const again: any = Vault.decide.DestroyKeys(then, ask, circumstance)
  assert.instanceOf(again.refusal, NothingToChange)
  const later: any = Vault.decide.DestroyKeys(then, { ...ask, upTo: 9, what: "owner" }, circumstance)
  assert.deepStrictEqual(later.events, [KeysDestroyed({ stream, upTo: 9, all: ada })])
})

it("H1 each deletion calls for the keys of what was deleted, in its owner's name", () => {
  const cause = { id: commandId, stream, position: 3, version: 7, owner: ada, at: 1 }
  const { react } = ShredProcess
  const asks = [
    react["document.ConversationDeleted"]!(ConversationDeleted({ documentId }), cause, null),
    react["document.MessageDeleted"]!(MessageDeleted({ documentId, messageId: MessageId.make("m1") }), cause, null),
    react["user.UserDeleted"]!(UserDeleted({ userId: ada }), cause, null)
  ].flat()
  assert.deepStrictEqual(
    asks.map((ask: any) => [ask.kind, ask.tag, ask.by, ask.payload]),
    ["stream", "message", "owner"].map((what) => ["vault", "DestroyKeys", ada, { stream, owner: ada, upTo: 7, what }])
  )
  assert.strictEqual(ShredProcess.key(ConversationDeleted({ documentId }), cause), stream)
})

it("H2 what is sealed calls for the keys of what was readable, what is opened for those of what was sealed", () => {
  const cause = { id: commandId, stream, position: 3, version: 7, owner: ada, at: 1 }
  for (const event of [ConversationSealed({ documentId }), ConversationUnsealed({ documentId })]) {
    const asks: any = ShredProcess.react[event._tag]!(event as never, cause, null)
    assert.deepStrictEqual(asks.map(({ payload }: any) => payload), [{ stream, owner: ada, upTo: 7, what: "message" }])
  }
})

it("of who has left nothing is waited for: it is recorded that their keys are gone", () =>
  Effect.gen(function*() {
    const vault = yield* KeyVault
    yield* vault.enroll(ada, Redacted.make(new Uint8Array(32)))
    const recorded: Array<string> = []
    const shred = yield* Shredder.make((_, { what }) => Effect.sync(() => recorded.push(what)))
    const ask = (what: "stream" | "message") =>
      shred("DestroyKeys", { commandId, stream, owner: ada, upTo: 7, what }, null)
    assert.strictEqual((yield* Effect.flip(ask("stream")))._tag, "VaultLocked")
    yield* vault.forget(ada)
    yield* ask("stream")
    yield* ask("message")
    assert.deepStrictEqual(recorded, ["stream", "message"])
  }).pipe(
    Effect.scoped,
    // Nothing but the vault is asked for.
    Effect.provide(KeyVault.layerMemory as Layer.Layer<Shredder.Ground>),
    Effect.runPromise
  ))
