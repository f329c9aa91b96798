/**
 * Destroys the keys of what was deleted, and what lies beside the log under keys of its own; then has it recorded.
 *
 * Of a deleted conversation nothing can be opened any more: no event, no snapshot, no content that no other conversation has. Of a
 * deleted message likewise; the rest of its conversation was said anew under a new key before. Of an account nothing, whether its
 * vault is unlocked or not. Cut off anywhere it is begun again, and ends the same. Who has left is not waited for. Shown on real nodes:
 * test/integration, shred and canary.
 */
import type * as Rpc from "@effect/rpc/Rpc"
import type * as RpcGroup from "@effect/rpc/RpcGroup"
import * as SqlClient from "@effect/sql/SqlClient"
import { Snapshots } from "@vivim/actor/Snapshots"
import { ContentStore } from "@vivim/content-store/ContentStore"
import { Unavailable, VaultLocked } from "@vivim/contract/Refusal"
import type { VaultCommands } from "@vivim/contract/Vault"
import { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import { generationOf, suite } from "@vivim/crypto/vault/DataKey"
import { KeyVault } from "@vivim/crypto/vault/KeyVault"
import * as ConversationContents from "@vivim/document/ConversationContents"
import * as Restating from "@vivim/document/Restating"
import type { Did, DocumentId } from "@vivim/event-schemas/ids"
import { EventStore } from "@vivim/event-store/EventStore"
import * as ReceiptRaws from "@vivim/import/ReceiptRaws"
import { Views } from "@vivim/projection/Views"
import * as SessionTables from "@vivim/session/SessionTables"
import type { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export type Ground =
  | KeyVault
  | PayloadCipher
  | EventStore
  | Snapshots
  | ContentStore
  | UserDatabases
  | Views
  | SqlClient.SqlClient

type DestroyKeys = Rpc.Payload<RpcGroup.Rpcs<typeof VaultCommands>>

/** How often a conversation is read anew because it was written to meanwhile. */
const attemptsMax = 8

const documentOf = (stream: string) => stream.slice(stream.indexOf("/") + 1) as DocumentId

/** Forgets what of these contents no other conversation has. */
const forgetContents = Effect.fnUntraced(function*(owner: Did, hashes: ReadonlySet<string>, except: string) {
  if (hashes.size === 0) return
  const vault = yield* KeyVault
  const contents = yield* ContentStore
  const used = yield* ConversationContents.usedElsewhere(owner, hashes, except)
  const alone = [...hashes].filter((hash) => !used.has(hash))
  yield* contents.forget(owner, alone, (stream) => vault.destroy({ owner, stream }))
})

const stream = Effect.fnUntraced(function*({ owner, stream }: DestroyKeys) {
  const vault = yield* KeyVault
  const all = yield* Restating.read(stream)
  const raws = yield* ReceiptRaws.ofConversation(owner, documentOf(stream))
  yield* forgetContents(owner, new Set([...ConversationContents.refsOf(all), ...raws]), documentOf(stream))
  yield* vault.destroy({ owner, stream })
  yield* Effect.flatMap(Snapshots, (snapshots) => snapshots.forget(stream))
})

/** The keys before the ones a restated conversation is sealed with. */
const restate = Effect.fnUntraced(function*({ owner, stream, upTo }: DestroyKeys) {
  const vault = yield* KeyVault
  const all = yield* Restating.read(stream)
  const because = all.find(({ recorded }) => recorded.version === upTo)
  if (because === undefined) return yield* Effect.dieMessage(`${stream} has no version ${upTo}`)
  const said = Restating.restated(all)
  if (vault.state(owner) === "unlocked" && !Restating.isRestated(all)) {
    yield* vault.rotate({ owner, stream })
    yield* Restating.append(all, said, because.recorded)
  }
  return ConversationContents.gone(all, said)
})

const message = Effect.fnUntraced(function*(asked: DestroyKeys) {
  const { owner, stream } = asked
  const vault = yield* KeyVault
  const gone = yield* Effect.retry(restate(asked), {
    times: attemptsMax,
    while: (error) => error._tag === "StreamMoved"
  })
  const raws = yield* ReceiptRaws.ofConversation(owner, documentOf(stream))
  yield* forgetContents(owner, new Set([...gone, ...raws]), "")
  const last = Restating.lastRestated(yield* Restating.read(stream))
  if (last?.private[0] === suite) yield* vault.destroy({ owner, stream }, generationOf(last.private) - 1)
  yield* Effect.flatMap(Snapshots, (snapshots) => snapshots.forget(stream))
})

const owner = Effect.fnUntraced(function*({ owner }: DestroyKeys) {
  const vault = yield* KeyVault
  const [contents, eventStore, snapshots] = [yield* ContentStore, yield* EventStore, yield* Snapshots]
  if (vault.state(owner) !== "open") yield* vault.forget(owner)
  yield* contents.forget(owner, null, () => Effect.void)
  yield* SessionTables.forget(yield* SqlClient.SqlClient, owner)
  const streams = yield* Stream.runFold(
    eventStore.readAll(0, { filter: { owner } }),
    new Set<string>(),
    (streams, event) => streams.add(event.stream)
  )
  yield* Effect.forEach(streams, snapshots.forget, { discard: true })
})

const carryOut = (asked: DestroyKeys) =>
  Effect.gen(function*() {
    // Whether another conversation has a content its owner's library says, when it has seen everything.
    if (asked.what !== "owner") {
      const head = yield* Effect.flatMap(EventStore, (eventStore) => eventStore.head)
      yield* Effect.flatMap(Views, (views) => views.waitFor(head, asked.owner))
    }
    yield* asked.what === "owner" ? owner(asked) : asked.what === "message" ? message(asked) : stream(asked)
  })

/** In the place of the actor's own door, and before it: `record` is that door. */
export const make = <E extends { readonly _tag: string }>(
  record: (tag: "DestroyKeys", asked: DestroyKeys, identity: any) => Effect.Effect<unknown, E>
) =>
  Effect.map(
    Effect.context<Ground>(),
    (ground) => (tag: "DestroyKeys", asked: DestroyKeys, identity: unknown) =>
      Effect.gen(function*() {
        const state = (yield* KeyVault).state(asked.owner)
        const locked = new VaultLocked({ message: `unlock the vault of ${asked.owner} first` })
        if (asked.what !== "owner" && state === "locked") return yield* locked
        // Of who has left no key is there any more, nor anything beside the log: their leaving sees to all of it.
        const work = asked.what !== "owner" && state === "gone" ? Effect.void : carryOut(asked)
        yield* work.pipe(
          Effect.catchTag("Locked", () => locked),
          Effect.catchIf(
            (error): error is Exclude<typeof error, VaultLocked> => error._tag !== "VaultLocked",
            (error) =>
              Effect.zipRight(
                Effect.logWarning(`the keys of ${asked.stream} are not destroyed yet`, error),
                new Unavailable({ message: `${asked.stream}: ${error._tag}`, retryAfterMs: 1_000 })
              )
          )
        )
        // Who has no vault has no keys that could be destroyed: what lay beside the log is gone, and what was sealed stays sealed.
        return state === "open" ? undefined : yield* record(tag, asked, identity)
      }).pipe(Effect.provide(ground))
  )
