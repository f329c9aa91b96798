/**
 * The payload cipher of a node whose users bring keys of their own: theirs for those who have some, the node's for all others.
 *
 * C1  What was sealed before an owner had keys of their own is still opened, by the node's key, while the owner is unlocked.
 * C2  What an enrolled owner seals, nobody opens without that owner's store key: not who has the node's key and the database.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { createHmac } from "node:crypto"
import {
  type Cipher,
  type KeyFailure,
  KeysUnavailable,
  Locked,
  PayloadUnreadable,
  Shredded,
  type Subject
} from "../Cipher.ts"
import { PayloadCipher } from "../PayloadCipher.ts"
import * as DataKey from "./DataKey.ts"
import { KeyVault } from "./KeyVault.ts"

type Vault = KeyVault["Type"]

/** Sealing and opening are one step: the keys may be gone at the next. */
const withKey = <A>(subject: Subject, key: DataKey.DataKey, use: (key: DataKey.DataKey) => A) =>
  Effect.suspend((): Effect.Effect<A, Locked | PayloadUnreadable> => {
    if (key.isWiped) return Effect.fail(new Locked({ owner: subject.owner }))
    try {
      return Effect.succeed(use(key))
    } catch (cause) {
      return Effect.fail(new PayloadUnreadable({ ...subjectOf(subject), reason: (cause as Error).message }))
    }
  })

const openWith = (node: Cipher, vault: Vault): Cipher["open"] => (subject, context, sealed) => {
  if (sealed[0] !== DataKey.suite) return node.open(subject, context, sealed)
  return Effect.try({
    try: () => DataKey.generationOf(sealed),
    catch: (cause) => new PayloadUnreadable({ ...subjectOf(subject), reason: (cause as Error).message })
  }).pipe(
    Effect.flatMap((generation) => vault.opening(subject, generation)),
    Effect.flatMap((key) =>
      key === null
        ? Effect.fail(new PayloadUnreadable({ ...subjectOf(subject), reason: "there never was such a key here" }))
        : withKey(subject, key, (key) => key.open(context, sealed))
    )
  )
}

const named = (key: Uint8Array, hash: Uint8Array) => createHmac("sha256", key).update(hash).digest()

/** What of an owner's can be had just now. */
const guarded = <A, E>(
  vault: Vault,
  owner: string,
  stream: string,
  work: Effect.Effect<A, E>
): Effect.Effect<A, E | KeyFailure> =>
  Effect.suspend((): Effect.Effect<A, E | KeyFailure> => {
    const state = vault.state(owner)
    if (state === "locked") return Effect.fail(new Locked({ owner }))
    return state === "gone" ? Effect.fail(new Shredded({ owner, stream })) : work
  })

/** Who has brought keys of their own meanwhile, a process does not know that has lost touch with the others: it does not guess. */
const inTouch = <A, E>(vault: Vault, work: Effect.Effect<A, E>): Effect.Effect<A, E | KeyFailure> =>
  vault.isApart()
    ? Effect.fail(new KeysUnavailable({ cause: new Error("the node's other processes are not heard") }))
    : work

export const make = (node: Cipher, vault: Vault): Cipher => {
  const open = openWith(node, vault)
  const isOwn = (owner: string) => vault.state(owner) !== "open"

  return {
    seal: (subject, context, plain) =>
      Effect.suspend(() =>
        isOwn(subject.owner)
          ? vault.sealing(subject).pipe(
            Effect.flatMap((key) => withKey(subject, key, (key) => key.seal(context, plain))),
            Effect.catchTag("PayloadUnreadable", Effect.die)
          )
          : inTouch(vault, node.seal(subject, context, plain))
      ),
    open: (subject, context, sealed) => guarded(vault, subject.owner, subject.stream, open(subject, context, sealed)),
    addresses: (owner, hash) =>
      Effect.suspend(() =>
        isOwn(owner)
          ? guarded(
            vault,
            owner,
            "content",
            Effect.zipWith(
              vault.addresses(owner),
              node.addresses(owner, hash),
              ([key, ...earlier], before) =>
                [named(key, hash), ...earlier.map((one) => named(one, hash)), ...before] as const
            )
          )
          : node.addresses(owner, hash)
      ),
    keys: (subject) =>
      Effect.suspend(() =>
        isOwn(subject.owner)
          ? Effect.flatMap(vault.sealing(subject), (key) =>
            Effect.zipWith(
              withKey(subject, key, (key) => key.raw()).pipe(Effect.catchTag("PayloadUnreadable", Effect.die)),
              node.keys(subject),
              (raw, before) => [raw, ...before] as const
            ))
          : inTouch(vault, node.keys(subject))
      ),
    isOpen: (owner) => {
      const state = vault.state(owner)
      return state === "open" || state === "unlocked"
    },
    moves: vault.moves
  }
}

const subjectOf = ({ owner, stream }: Subject): Subject => ({ owner, stream })

/** In the place of the node's own cipher, over it. */
export const layer = <E, R>(
  node: Layer.Layer<PayloadCipher, E, R>
): Layer.Layer<PayloadCipher, E, R | KeyVault> =>
  Layer.effect(
    PayloadCipher,
    Effect.zipWith(PayloadCipher, KeyVault, make)
  ).pipe(Layer.provide(node)) as Layer.Layer<PayloadCipher, E, R | KeyVault>
