/** The promises of `SeenLog.ts`, on logs made from nothing but names. */
import * as Fork from "@vivim/crypto/did/Fork"
import * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import { device, genesis, holder, next, without } from "@vivim/crypto/did/LogExample"
import * as Ed25519 from "@vivim/crypto/Ed25519"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { assert, describe, it } from "vitest"
import { KeyStore } from "./KeyStore.ts"
import * as SeenLog from "./SeenLog.ts"

const [kit, laptop, phone] = [holder("kit"), holder("laptop"), holder("phone")]
const hour = 3_600_000
const ground = { verify: Ed25519.verify }

const { bytes: first, did } = genesis([kit], laptop, 0)
const added = (who: typeof laptop, at: number) =>
  next(first, laptop, at, { devices: { ...device(laptop, 1), ...device(who, 0) } })
const both = added(phone, hour)
const rival = added(holder("thief"), 2 * hour)
const alone = next(both, laptop, 2 * hour, { devices: without(both, phone) })
const back = next(first, kit, 3 * hour, { devices: device(holder("new"), 0) })

/** A device to which these logs are shown, one after the other; answers what it says to the last one, or its length. */
const shown = (...logs: ReadonlyArray<ReadonlyArray<Uint8Array>>) =>
  Effect.gen(function*() {
    let outcome: unknown
    for (const operations of logs) {
      const { log } = IdentityLog.fold(did, operations, ground)
      const checked = SeenLog.check(did, yield* SeenLog.read(did), { log: log!, operations })
      outcome = yield* Effect.match(checked, {
        onFailure: (error) => error._tag === "LogParts" ? error.isForked ? "forked" : "cut" : error._tag,
        onSuccess: ({ log }) => log.chain.length
      })
    }
    return { outcome, seen: yield* SeenLog.read(did), fork: yield* SeenLog.forkOf(did) }
  }).pipe(Effect.provide(Effect.runSync(Effect.scoped(Layer.build(KeyStore.layerMemory)))), Effect.runSync)

describe("the log a device has seen", () => {
  it("N1 goes on, also where a recovery key takes something back, and is seen with its length and its newest operation", () => {
    const { fork, outcome, seen } = shown([first], [first, both], [first, both, alone])
    assert.strictEqual(outcome, 3)
    assert.deepInclude(seen, { length: 3, operations: [first, both, alone] })
    assert.deepStrictEqual(seen?.newest, IdentityLog.fold(did, [first, both, alone], ground).log!.chain[2]!.hash)
    assert.isNull(fork)
    assert.strictEqual(shown([first, both, alone], [first, both, alone, back]).outcome, 2)
    // A node that never heard of what was taken back need not show it; what is kept of it here stays.
    const recovered = shown([first, both, alone], [first, back])
    assert.strictEqual(recovered.outcome, 2)
    assert.lengthOf(recovered.seen!.operations, 4)
  })

  it("N2 is refused where it ends before what was seen, or leaves out that the account was taken back", () => {
    const older = shown([first, both, alone], [first, both])
    assert.strictEqual(older.outcome, "cut")
    assert.strictEqual(older.seen?.length, 3)
    assert.isNull(older.fork)
    assert.strictEqual(shown([first, back], [first, both, alone]).outcome, "cut")
  })

  it("N3 is refused where it parts from what was seen, and the proof of it is anybody's to judge", () => {
    const parted = shown([first, both], [first, rival])
    assert.strictEqual(parted.outcome, "forked")
    assert.strictEqual(parted.seen?.length, 2)
    assert.deepStrictEqual(parted.fork?.judgement, { did, seq: 1, kind: "equivocation" })
    assert.deepStrictEqual(Fork.judge(parted.fork!.proof, ground), parted.fork?.judgement)
    assert.strictEqual(shown([first, both], [first, rival], [first, rival]).outcome, "forked", "however often")
    assert.strictEqual(
      shown([first, both], [first, rival], [first, both, alone]).outcome,
      3,
      "the true one is taken on"
    )
  })
})
