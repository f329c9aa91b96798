/** What a node of several processes tells of them. */
import * as Effect from "effect/Effect"
import { assert, describe, it } from "vitest"
import * as ClusterReport from "./ClusterReport.ts"

const runner = (address: string, shards: number, silentMs = 500) => ({
  address,
  shards,
  silentMs,
  atWork: silentMs <= 9_000
})
const company = (...runners: ReadonlyArray<ReturnType<typeof runner>>): ClusterReport.ClusterHealth => ({
  self: "10.0.0.1:4200",
  shards: 300,
  runners
})
const one = runner("10.0.0.1:4200", 150)
const other = runner("10.0.0.2:4200", 150)

describe("the processes of a node", () => {
  it("V1 are told with their shards; one that is silent and shards nobody holds are a warning, no reason to turn away", () => {
    const well = company(one, other)
    assert.deepStrictEqual([ClusterReport.problems(well), ClusterReport.warnings(well)], [[], []])
    const [found] = ClusterReport.findings(well)
    assert.strictEqual(found!.state, "ok")
    assert.include(found!.says, "2 at work, holding 300 of 300 shards: 10.0.0.1:4200 (this one) with 150")
    const alone = company(one, runner("10.0.0.2:4200", 0, 12_000))
    assert.deepStrictEqual(ClusterReport.problems(alone), [])
    assert.deepStrictEqual(ClusterReport.warnings(alone), [
      "the process at 10.0.0.2:4200 was not heard of for 12 seconds",
      "150 of 300 shards of the actors are held by nobody just now"
    ])
    assert.strictEqual(ClusterReport.findings(alone)[0]!.state, "warn")
  })

  it("V1 one that is not among them itself cannot serve", () => {
    for (const lost of [company(other), company(runner("10.0.0.1:4200", 0, 60_000), other)]) {
      assert.lengthOf(ClusterReport.problems(lost), 1)
      assert.strictEqual(ClusterReport.findings(lost)[0]!.state, "fail")
    }
  })

  it("V2 one that is silent for long is to be started again, but not while it begins, nor while the database is away", () => {
    const options = { address: "10.0.0.1:4200", takeOverMax: "9 seconds" } as const
    const hangs = (cluster: ClusterReport.ClusterHealth | null, startedAt = 0) =>
      Effect.runSync(ClusterReport.hangs(cluster, options, startedAt))
    assert.isFalse(hangs(company(one)))
    assert.isFalse(hangs(company(runner("10.0.0.1:4200", 0, 35_000))))
    assert.isTrue(hangs(company(runner("10.0.0.1:4200", 0, 37_000))))
    assert.isTrue(hangs(company(other)), "it is not even there")
    assert.isFalse(hangs(company(other), Infinity))
    assert.isFalse(hangs(null))
  })
})
