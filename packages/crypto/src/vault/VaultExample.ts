/** An example of a vault, Ada's, for tests: on rows that can be looked into and tampered with. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { fromMasterKey } from "../MasterKeyCipher.ts"
import { checkOf } from "./KeyRing.ts"
import { KeyVault } from "./KeyVault.ts"
import * as VaultCipher from "./VaultCipher.ts"
import { VaultRows } from "./VaultRows.ts"

export const [ada, bo] = ["did:key:zAda", "did:key:zBo"] as const
export const storeKey = Buffer.alloc(32, 5)
export const key = Redacted.make<Uint8Array>(storeKey)
export const subject = { owner: ada, stream: "document/d1" }
export const bytes = (text: string) => Buffer.from(text)
export const node = fromMasterKey(Buffer.alloc(32, 7))

/** A vault over rows; `tamper` may put something before them. */
export const world = (tamper: (rows: VaultRows["Type"]) => Partial<VaultRows["Type"]> = () => ({})) =>
  Effect.gen(function*() {
    const kept = Context.get(yield* Layer.build(VaultRows.layerMemory), VaultRows)
    const rows = { ...kept, ...tamper(kept) }
    const open = Layer.provide(
      KeyVault.layer({ idleMax: "10 minutes", vacuumEvery: "1 hour", rekeyPieceMax: 2 }),
      Layer.succeed(VaultRows, rows)
    )
    const vault = Context.get(yield* Layer.build(open), KeyVault)
    return {
      rows,
      vault,
      cipher: VaultCipher.make(node, vault),
      again: Effect.map(Layer.build(Layer.fresh(open)), Context.get(KeyVault))
    }
  })
export const enrolled = (tamper?: Parameters<typeof world>[0]) =>
  Effect.tap(
    world(tamper),
    ({ vault }) => Effect.zipRight(vault.enroll(ada, Redacted.make(checkOf(storeKey))), vault.unlock(ada, key))
  )
export const tagOf = <A, E extends { readonly _tag: string }, R>(work: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(work), ({ _tag }) => _tag)

/** Ada with something under so many keys, and what it is sealed as. */
export const sealedUnder = (cipher: ReturnType<typeof VaultCipher.make>, count: number) =>
  Effect.forEach(
    Array.from({ length: count }, (_, n) => ({ owner: ada, stream: `document/d${n}` })),
    (subject) => Effect.map(cipher.seal(subject, bytes(""), bytes(subject.stream)), (sealed) => ({ subject, sealed }))
  )

/** Dies of the first that does not open to what it was. */
export const opensAll = (
  cipher: ReturnType<typeof VaultCipher.make>,
  all: Effect.Effect.Success<ReturnType<typeof sealedUnder>>
) =>
  Effect.forEach(
    all,
    ({ sealed, subject }) =>
      Effect.flatMap(cipher.open(subject, bytes(""), sealed), (plain) =>
        String(plain) === subject.stream ? Effect.void : Effect.dieMessage(`${plain} instead of ${subject.stream}`))
  )
