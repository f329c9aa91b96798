/**
 * How a conversation is sealed for its owner's devices alone: under a random key of its own, wrapped under the `sealed` branch of the
 * owner's master key, which no node ever gets.
 *
 * F1  What was sealed opens for who has the master key, as it was.
 * F2  Nothing opens in another's place: not in another account, conversation, sealing or message, nor as another part of it.
 * F3  What was altered is refused by name, and says nothing of what it held.
 *
 * Form: the suite's `seal` over dag-cbor, padded (`Padding`), so that its length tells little; files as `SealedStream`. Bound to each, as its
 * `aad`: what it is, owner, conversation, sealing, and which message or file.
 */
import { concat } from "@vivim/crypto/Bytes"
import { CryptoSuite, type Secret } from "@vivim/crypto/CryptoSuite"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as Padding from "@vivim/crypto/Padding"
import * as SealedStream from "@vivim/crypto/SealedStream"
import * as StrictCbor from "@vivim/crypto/StrictCbor"
import * as Canonical from "@vivim/event-schemas/Canonical"
import type { CommandId, Did, DocumentId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

/** Something of a sealed conversation cannot be opened; `message` says what, and nothing of what it held. */
export class SealBroken extends Schema.TaggedError<SealBroken>()("SealBroken", { message: Schema.String }) {}

/** A master key, and which one it is. */
interface MasterKey {
  readonly generation: number
  readonly key: Secret
}

/** Whose devices these are, and every master key this one has. */
export interface Keyring {
  readonly owner: Did
  readonly masterKeys: ReadonlyArray<MasterKey>
}

/** One sealing of one conversation: each has a key of its own. */
export interface Place {
  readonly owner: Did
  readonly documentId: DocumentId
  readonly revision: CommandId
}

/** What a sealed thing is: a message by its id, a file by the hash of what it holds. */
export type Part = readonly ["head"] | readonly ["message", string] | readonly ["file", string]

const label = "vivim/sealed/1"
const scope = ({ documentId, owner, revision }: Place, ...part: ReadonlyArray<string | number>) =>
  Canonical.encode([label, owner, documentId, revision, ...part])

const names = { head: "its title", message: "this message", file: "this file" } as const

const broken = ([what]: Part) =>
  new SealBroken({
    message: `What lies on the node for ${
      names[what]
    } is not what your device sealed: it was altered, damaged or moved.`
  })

/** The newest master key of a device: what new things are sealed under. */
export const newest = ({ masterKeys }: Keyring): MasterKey | null =>
  masterKeys.reduce<MasterKey | null>(
    (best, one) => best === null || one.generation > best.generation ? one : best,
    null
  )

/** A key for a new sealing. */
export const newKey: Effect.Effect<Secret, never, CryptoSuite> = Effect.flatMap(
  CryptoSuite,
  ({ randomBytes }) => Effect.map(randomBytes(32), Redacted.make)
)

const branch = ({ key }: MasterKey) => KeyHierarchy.branch(key, "sealed")

/** The key of a sealing, for the node to keep: 97 bytes. */
export const wrap = (master: MasterKey, place: Place, key: Secret) =>
  Effect.gen(function*() {
    const { seal } = yield* CryptoSuite
    const scoped = scope(place, "key", master.generation)
    // Keys made here have their length.
    const wrapped = yield* Effect.orDie(seal(yield* branch(master), scoped, Redacted.value(key)))
    return { generation: master.generation, wrapped }
  })

/** The key of a sealing, from what the node kept. */
export const unwrap = (
  { masterKeys }: Keyring,
  place: Place,
  { generation, wrapped }: { readonly generation: number; readonly wrapped: Uint8Array }
): Effect.Effect<Secret, SealBroken, CryptoSuite> =>
  Effect.gen(function*() {
    const { open } = yield* CryptoSuite
    const master = masterKeys.find((one) => one.generation === generation)
    if (master === undefined) {
      return yield* new SealBroken({
        message:
          `This device does not have the account's key number ${generation}, which this conversation is sealed under.`
      })
    }
    const opened = open(yield* branch(master), scope(place, "key", generation), wrapped)
    return Redacted.make(yield* Effect.mapError(opened, () => broken(["head"])))
  })

/** Seals a value of plain parts: texts, numbers, lists, records. */
export const seal = (key: Secret, place: Place, part: Part, value: unknown) =>
  Effect.flatMap(
    CryptoSuite,
    ({ seal }) => Effect.orDie(seal(key, scope(place, ...part), Padding.pad(Canonical.encode(value))))
  )

/** What it was, if it is of the form that is expected. */
export const open = <A, I>(
  key: Secret,
  place: Place,
  part: Part,
  schema: Schema.Schema<A, I>,
  sealed: Uint8Array
): Effect.Effect<A, SealBroken, CryptoSuite> =>
  Effect.gen(function*() {
    const { open } = yield* CryptoSuite
    const plain = Padding.unpad(yield* open(key, scope(place, ...part), sealed))
    if (Option.isNone(plain)) return yield* broken(part)
    return yield* Schema.decodeUnknown(schema)(yield* StrictCbor.decode(plain.value))
  }).pipe(Effect.mapError(() => broken(part)))

const gathered = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) =>
  Effect.map(Stream.runCollect(bytes), (parts) => concat(...parts))

export const sealFile = (key: Secret, place: Place, hash: string, plain: Uint8Array) =>
  Effect.orDie(gathered(SealedStream.seal(key, scope(place, "file", hash))(Stream.make(plain))))

export const openFile = (
  key: Secret,
  place: Place,
  hash: string,
  sealed: Uint8Array
): Effect.Effect<Uint8Array, SealBroken, CryptoSuite> =>
  gathered(SealedStream.open(key, scope(place, "file", hash))(Stream.make(sealed))).pipe(
    Effect.mapError(() => broken(["file", hash]))
  )
