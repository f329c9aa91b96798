/**
 * The key of one life of a process, to which others seal the keys of unlocked vaults. It is made when the process joins, kept in memory
 * alone, and gone with it; what the others know of it was signed by the node.
 *
 * P1  Nobody seals to a key that the node has not signed, or has signed for another process.
 * P2  What was sealed to one process is opened by no other, and not by the same one after it was started again.
 * P3  What the node has not signed is not believed: neither keys, nor that a vault was in use.
 *
 * Forms: `SignedBytes` of dag-cbor lists, the domain says which. An announcement: [process, X-Wing key]. A gift: [to, sealed], where
 * sealed to the key of `to` is the list of [owner, number, usedAt, wrapping key, address key]. A use: [owner, at].
 */
import * as Canonical from "@vivim/event-schemas/Canonical"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { utf8 } from "../Bytes.ts"
import { CryptoSuite, type KemKey, type Suite } from "../CryptoSuite.ts"
import * as SignedBytes from "../SignedBytes.ts"
import type { SigningKey } from "../SigningKey.ts"
import * as StrictCbor from "../StrictCbor.ts"
import type { Opened } from "./VaultCompany.ts"

/** It is not signed by this node, or for another process, or sealed to another key. */
export class NotOfThisNode extends Schema.TaggedError<NotOfThisNode>()("NotOfThisNode", {}) {}

/** An unlocked vault, and the number of its unlocking. */
export interface Gift extends Opened {
  readonly number: number
}

const [announced, given, used] = ["vivim-vault-process/1", "vivim-vault-gift/1", "vivim-vault-use/1"]

const Announcement = Schema.Tuple(Schema.String, Schema.Uint8ArrayFromSelf)
const Sealed = Schema.Tuple(Schema.String, Schema.Uint8ArrayFromSelf)
const Use = Schema.Tuple(Schema.String, Schema.Int)
const Key = Schema.Uint8ArrayFromSelf.pipe(Schema.filter((bytes) => bytes.length === 32))
const Gifts = Schema.Array(Schema.Tuple(Schema.String, Schema.Int, Schema.Int, Schema.Int, Key, Key))

/** A life: its name, the key that opens what is sealed to it, and what it shows of it. */
export interface Life {
  readonly process: string
  readonly announcement: Uint8Array
  readonly kem: KemKey
}

/** As many at once fit into what is read of signed bytes, with room to spare. */
export const togetherMax = 1_000

export const make = (key: SigningKey, engine: Suite) => {
  const suite = <A, E>(work: Effect.Effect<A, E, CryptoSuite>) => Effect.provideService(work, CryptoSuite, engine)
  const signer = { publicKey: key.publicKey, sign: (message: Uint8Array) => Effect.sync(() => key.sign(message)) }
  const sign = (domain: string, value: unknown) => suite(SignedBytes.sign(signer, domain, Canonical.encode(value)))
  const read = <A, I>(domain: string, schema: Schema.Schema<A, I>, received: Uint8Array) =>
    Effect.gen(function*() {
      const signed = yield* SignedBytes.read(received)
      yield* SignedBytes.verify(key.publicKey, domain, signed)
      return yield* Schema.decodeUnknown(schema)(yield* StrictCbor.decode(signed.bytes))
    }).pipe(suite, Effect.mapError(() => new NotOfThisNode()))

  return {
    live: suite(Effect.gen(function*() {
      const process = Buffer.from(yield* engine.randomBytes(16)).toString("base64url")
      const kem = yield* Effect.orDie(engine.kemKeyOf(Redacted.make(yield* engine.randomBytes(32))))
      return { process, kem, announcement: yield* sign(announced, [process, kem.publicKey]) } satisfies Life
    })),
    /** The key of a process, if the node has signed it for that one. */
    keyOf: (process: string, announcement: Uint8Array) =>
      Effect.flatMap(
        read(announced, Announcement, announcement),
        ([name, publicKey]) => name === process ? Effect.succeed(publicKey) : Effect.fail(new NotOfThisNode())
      ),
    /** Bytes only `to` opens. */
    seal: (to: string, publicKey: Uint8Array, gifts: ReadonlyArray<Gift>) =>
      suite(Effect.gen(function*() {
        const plain = Canonical.encode(
          gifts.map((
            { number, owner, secrets: { address, generation, wrapping }, usedAt }
          ) => [owner, number, usedAt, generation, wrapping, address])
        )
        const sealed = yield* engine.sealTo(publicKey, utf8(`${given} ${to}`), plain)
        plain.fill(0)
        return yield* sign(given, [to, sealed])
      })).pipe(Effect.mapError(() => new NotOfThisNode())),
    open: ({ kem, process }: Life, received: Uint8Array) =>
      Effect.gen(function*() {
        const [to, sealed] = yield* read(given, Sealed, received)
        if (to !== process) return yield* new NotOfThisNode()
        const plain = yield* engine.openWith(kem, utf8(`${given} ${to}`), sealed)
        const gifts = yield* Schema.decodeUnknown(Gifts)(yield* StrictCbor.decode(plain))
        return gifts.map(([owner, number, usedAt, generation, wrapping, address]): Gift => ({
          owner,
          number,
          usedAt,
          secrets: { generation, wrapping, address }
        }))
      }).pipe(suite, Effect.mapError(() => new NotOfThisNode())),
    use: (owner: string, at: number) => sign(used, [owner, at]),
    usedAt: (owner: string, received: Uint8Array) =>
      Effect.flatMap(
        read(used, Use, received),
        ([whose, at]) => whose === owner ? Effect.succeed(at) : Effect.fail(new NotOfThisNode())
      )
  }
}

export type ProcessKey = ReturnType<typeof make>
