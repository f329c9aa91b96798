/** The law of an account's log: random histories, every kind of tampering, and thieves with each kind of key. */
import * as FastCheck from "effect/FastCheck"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import * as SigningKey from "../SigningKey.ts"
import * as IdentityLog from "./IdentityLog.ts"
import { device, genesis, holder, next, sign, turn, without } from "./LogExample.ts"
import * as Operation from "./Operation.ts"

const [kit, guardian, phone] = [holder("kit"), holder("guardian"), holder("phone")]
const [laptop, tablet, thief] = [holder("laptop"), holder("tablet"), holder("thief")]
const hour = 3_600_000
const ground = { verify: SigningKey.verify }
const begun = genesis([kit, guardian], phone, 1_000)

const foldAll = (...operations: ReadonlyArray<Uint8Array>) => IdentityLog.fold(begun.did, operations, ground)
const reasons = (...operations: ReadonlyArray<Uint8Array>) =>
  foldAll(...operations).verdicts.map((verdict) => verdict._tag === "Accepted" ? "Accepted" : verdict.reason)
const last = (...operations: ReadonlyArray<Uint8Array>) => reasons(...operations).at(-1)
const doc = (bytes: Uint8Array) => Operation.unsigned(Operation.decode(bytes)!)

const addLaptop = next(begun.bytes, phone, 2_000, { devices: { ...device(phone, 1), ...device(laptop, 0) } })
const dropPhone = next(addLaptop, laptop, 3_000, { devices: without(addLaptop, phone) })

/** A history of honest holders: each step one of them adds, removes, renames or rekeys something. */
interface Step {
  readonly by: number
  readonly what: "add" | "remove" | "aka" | "kem" | "kit"
  readonly pick: number
  readonly after: number
}
const holders = [kit, guardian, phone, laptop, tablet]
const Steps = FastCheck.array(
  FastCheck.record({
    by: FastCheck.nat(4),
    what: FastCheck.constantFrom("add" as const, "remove" as const, "aka" as const, "kem" as const, "kit" as const),
    pick: FastCheck.nat(9),
    after: FastCheck.nat(200 * hour)
  }),
  { maxLength: 10 }
)

const change = ({ pick, what }: Step, before: Uint8Array, n: number): Partial<Operation.Statement> => {
  const { aka, devices } = doc(before)
  const ids = Object.keys(devices)
  switch (what) {
    case "add":
      return ids.length > 6 ? {} : { devices: { ...devices, ...device(holder(`new device ${n}`), 0) } }
    case "remove":
      return { devices: Object.fromEntries(Object.entries(devices).filter((_, i) => i !== pick % (ids.length + 1))) }
    case "aka":
      return { aka: [...aka.slice(-2), `https://example.org/${n}`] }
    case "kem":
      return {
        devices: Object.fromEntries(
          Object.entries(devices).map((
            [id, one],
            i
          ) => [id, i === pick ? { ...one, kem: holder(`kem ${n}`).kem } : one])
        )
      }
    case "kit":
      return { recovery: [...doc(before).recovery.slice(0, 1), holder(`guardian ${n}`).hash(0)] }
  }
}

const history = (steps: ReadonlyArray<Step>): ReadonlyArray<Uint8Array> => {
  const log = [begun.bytes]
  let ts = 1_000
  steps.forEach((step, n) => {
    const before = log.at(-1)!
    const by = holders.find((one, i) => i >= step.by && turn(one, doc(before)) !== null)
    if (by === undefined) return
    log.push(next(before, by, ts += step.after, change(step, before, n)))
  })
  return log
}

describe("an account's log", () => {
  it("L1 what honest holders state counts, and the newest operation says what is so", () => {
    FastCheck.assert(
      FastCheck.property(Steps, (steps) => {
        const operations = history(steps)
        const { log, verdicts } = foldAll(...operations)
        assert.isTrue(verdicts.every(({ _tag }) => _tag === "Accepted"), JSON.stringify(verdicts))
        assert.deepStrictEqual(log?.head, doc(operations.at(-1)!))
        assert.deepStrictEqual(operations.reduce(IdentityLog.restate, null as IdentityLog.IdentityLog | null), log)
      }),
      { numRuns: 60 }
    )
  })

  it("L1 no operation of a history stays good when anything about it is changed, left out or moved", () => {
    const Harm = FastCheck.tuple(Steps, FastCheck.nat(), FastCheck.nat(), FastCheck.nat(7), FastCheck.nat(3))
    FastCheck.assert(
      FastCheck.property(Harm, ([steps, which, byte, bit, kind]) => {
        const operations = [...history(steps), next(history(steps).at(-1)!, kit, 2e9)]
        const at = which % operations.length
        const other = (at + 1) % operations.length
        const target = operations[at]!
        const harmed = new Uint8Array(target)
        harmed[byte % harmed.length]! ^= 1 << bit
        const changed = [
          operations.with(at, harmed),
          operations.toSpliced(at, 1),
          operations.with(at, target.subarray(0, byte % target.length)),
          operations.with(at, operations[other]!).with(other, target)
        ][kind]!
        const verdicts = reasons(...changed)
        const isWhole = changed.length === operations.length && verdicts.every((said) => said === "Accepted")
        assert.isFalse(isWhole)
        // Whatever came after the harm cannot count either: it commits to what was there.
        if (kind === 0) assert.notInclude(verdicts.slice(at), "Accepted")
      }),
      { numRuns: 150 }
    )
  })

  it("L1 a key nobody committed to, a signature of another key, and another account's operation are refused", () => {
    assert.strictEqual(last(begun.bytes, next(begun.bytes, thief, 2_000)), "KeyNotCommitted")
    assert.strictEqual(last(begun.bytes, sign(doc(addLaptop), thief.key(0))), "BadSignature")
    assert.strictEqual(last(genesis([], thief, 1_000).bytes), "NotThisAccount")
    assert.strictEqual(last(begun.bytes, begun.bytes), "NotThisAccount")
    assert.strictEqual(last(begun.bytes, addLaptop, addLaptop), "AlreadyStated")
    assert.strictEqual(last(begun.bytes, dropPhone), "UnknownPrevious")
    const skipped = sign({ ...doc(addLaptop), seq: 2 }, phone.key(1))
    assert.strictEqual(last(begun.bytes, skipped), "UnknownPrevious")
  })

  it("L2 a thief with a device's key loses the account to a recovery key within 72 hours, and never after", () => {
    const Theft = FastCheck.record({
      steps: Steps,
      theft: FastCheck.nat(300 * hour),
      more: FastCheck.array(FastCheck.nat(20 * hour), { maxLength: 6 }),
      late: FastCheck.oneof(FastCheck.nat(200 * hour), FastCheck.constantFrom(72 * hour, 72 * hour + 1)),
      who: FastCheck.constantFrom(kit, guardian)
    })
    FastCheck.assert(
      FastCheck.property(Theft, ({ late, more, steps, theft, who }) => {
        const honest = history(steps.filter(({ what }) => what !== "kit" && what !== "remove"))
        const before = honest.at(-1)!
        const at = doc(before).ts + theft
        // Everything is the thief's from now on: no recovery, no other device.
        const stolen = next(before, phone, at, { recovery: [], devices: device(thief, 0) })
        const log = [...honest, stolen]
        let ts = at
        for (const pause of more) log.push(next(log.at(-1)!, thief, ts += pause))
        const now = Math.max(ts, at + late)
        const back = next(before, who, now, { devices: device(tablet, 0) })
        const { log: after, verdicts } = foldAll(...log, back)
        assert.isTrue(verdicts.slice(0, -1).every(({ _tag }) => _tag === "Accepted"))
        if (now - at <= 72 * hour) {
          assert.deepStrictEqual(Object.keys(after!.head.devices), [tablet.deviceId])
          assert.include(verdicts.at(-1), { _tag: "Accepted", voided: 1 + more.length })
          assert.notInclude(reasons(...log, back, next(log.at(-1)!, thief, now + 1)).slice(-1), "Accepted")
        } else {
          assert.include(verdicts.at(-1), { _tag: "Refused", reason: "WindowOver" })
          assert.deepStrictEqual(after!.head, doc(log.at(-1)!))
        }
      }),
      { numRuns: 120 }
    )
  })

  it("L2 the higher recovery key voids the lower one's, not the other way round, and devices void nothing", () => {
    const byKit = next(addLaptop, kit, 3_000, { aka: ["at:kit"] })
    const byGuardian = next(addLaptop, guardian, 4_000, { aka: ["at:guardian"] })
    assert.strictEqual(last(begun.bytes, addLaptop, byKit, byGuardian), "Outranked")
    const first = next(addLaptop, guardian, 3_000, { aka: ["at:guardian"] })
    const second = next(addLaptop, kit, 4_000, { aka: ["at:kit"] })
    assert.strictEqual(last(begun.bytes, addLaptop, first, second), "Accepted")
    assert.strictEqual(last(begun.bytes, addLaptop, dropPhone, next(addLaptop, phone, 3_500)), "Forked")
    assert.strictEqual(last(begun.bytes, addLaptop, byKit, next(addLaptop, laptop, 5_000)), "Outranked")
  })

  it("L3 time does not run backwards, a key signs once, a device that left does not come back", () => {
    assert.strictEqual(last(begun.bytes, next(begun.bytes, phone, 999)), "BackInTime")
    assert.strictEqual(last(begun.bytes, next(begun.bytes, phone, 1_000)), "Accepted")
    const reused = sign({ ...doc(addLaptop), devices: device(phone, 1) }, phone.key(1))
    assert.strictEqual(last(begun.bytes, reused), "KeySpent")
    const old = sign({ ...doc(addLaptop), devices: device(phone, 0) }, phone.key(1))
    assert.strictEqual(last(begun.bytes, old), "KeySpent")
    const twice = next(begun.bytes, phone, 2_000, { recovery: [kit.hash(0), kit.hash(0)] })
    assert.strictEqual(last(begun.bytes, twice), "KeySpent")
    const returns = next(dropPhone, laptop, 4_000, { devices: { ...doc(dropPhone).devices, ...device(phone, 7) } })
    assert.strictEqual(last(begun.bytes, addLaptop, dropPhone, returns), "DeviceReturns")
  })

  it("L3 a device that a voided operation removed is there again", () => {
    const robbed = next(addLaptop, laptop, 3_000, { devices: device(thief, 0) })
    const back = next(addLaptop, kit, 4_000, { devices: device(phone, 2) })
    const { log } = foldAll(begun.bytes, addLaptop, robbed, back)
    assert.deepStrictEqual(Object.keys(log!.head.devices), [phone.deviceId])
  })

  it("L4 of two successors by keys of one rank the first stays; the second is a fork of the operation both follow", () => {
    const other = next(addLaptop, phone, 3_000, { aka: ["at:other"] })
    const { log, verdicts } = foldAll(begun.bytes, addLaptop, dropPhone, other)
    assert.deepStrictEqual(verdicts.at(-1), { _tag: "Refused", reason: "Forked", after: 1 })
    assert.deepStrictEqual(log?.head, doc(dropPhone))
  })

  it("L5 bytes, operations, recovery keys and devices are bounded; who is robbed still takes the account back", () => {
    const many = Array.from({ length: 40 }, (_, i) => device(holder(`many ${i}`), 0))
    const devices = (n: number) => Object.assign({}, device(phone, 1), ...many.slice(0, n - 1))
    assert.strictEqual(last(begun.bytes, next(begun.bytes, phone, 2_000, { devices: devices(32) })), "Accepted")
    assert.strictEqual(last(begun.bytes, next(begun.bytes, phone, 2_000, { devices: devices(33) })), "TooMany")
    const recovery = Array.from({ length: 6 }, (_, i) => holder(`guardian ${i}`).hash(0))
    assert.strictEqual(last(begun.bytes, next(begun.bytes, phone, 2_000, { recovery })), "TooMany")
    const aka = Array.from({ length: 20 }, (_, i) => `at:${"x".repeat(490)}${i}`)
    assert.strictEqual(last(begun.bytes, next(begun.bytes, phone, 2_000, { aka })), "TooLarge")

    const few = { ...ground, limits: { ...IdentityLog.limits, operationsMax: 5, recoveryReserve: 1 } }
    const log = [begun.bytes, addLaptop]
    for (let n = 0; n < 3; n++) log.push(next(log.at(-1)!, laptop, 3_000 + n))
    const say = (one: Uint8Array) => IdentityLog.fold(begun.did, [...log, one], few).verdicts.at(-1)
    assert.include(say(next(log.at(-1)!, laptop, 9_000)), { reason: "TooMany" })
    assert.include(say(next(log.at(-1)!, kit, 9_000)), { _tag: "Accepted" })
    assert.include(say(next(addLaptop, kit, 9_000)), { _tag: "Accepted", voided: 3 })
  })

  it("L6 who takes an operation in refuses one that is dated too far from its own clock", () => {
    const { log } = foldAll(begun.bytes)
    const at = (now: number) =>
      IdentityLog.check(begun.did, log, addLaptop, { ...ground, now: { at: now, skewMs: 300 } })
    for (const now of [1_700, 2_000, 2_300]) assert.include(at(now), { _tag: "Accepted" })
    for (const now of [1_699, 2_301]) assert.include(at(now), { reason: "ClockAway" })
  })

  it("L1 is the log it was when this format was laid down", () => {
    const file = path.join(import.meta.dirname, "samples", "log.v1.json")
    const sample = JSON.parse(fs.readFileSync(file, "utf8"))
    const back = next(addLaptop, kit, 4_000, { devices: device(phone, 2) })
    const operations = [begun.bytes, addLaptop, dropPhone, back]
    assert.deepStrictEqual(operations.map((bytes) => Buffer.from(bytes).toString("hex")), sample.operations)
    assert.strictEqual(begun.did, sample.did)
    const kept = sample.operations.map((hex: string) => new Uint8Array(Buffer.from(hex, "hex")))
    const { log } = IdentityLog.fold(sample.did, kept, ground)
    assert.strictEqual(Buffer.from(log!.chain.at(-1)!.hash).toString("hex"), sample.head)
    assert.deepStrictEqual(Object.keys(log!.head.devices), sample.devices)
  })
})
