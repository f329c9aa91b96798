/** The doctor, before archives in every state. */
import { ArchivedSegment } from "@vivim/contract/Archive"
import { assert, describe, it } from "vitest"
import * as DoctorArchive from "./DoctorArchive.ts"

describe("the doctor of the archive", () => {
  const segment = (first: number, trouble: string | null) =>
    new ArchivedSegment({ first, last: first + 15, bytes: 2 ** 20, name: `s${first}`, archivedAt: 1, trouble })

  it("X6 names every segment that cannot be read, up to so many", () => {
    assert.deepStrictEqual(DoctorArchive.findings([]).map(({ state }) => state), ["ok"])
    const [good] = DoctorArchive.findings([segment(1, null), segment(17, null)])
    assert.deepInclude(good, { state: "ok", says: "32 events lie in 2 segments of 2 MiB, all there." })
    const [bad, ...others] = DoctorArchive.findings([segment(1, null), segment(17, "is missing")])
    assert.deepStrictEqual(others, [])
    assert.deepInclude(bad, { state: "fail", says: "Events 17 to 32 cannot be read: s17 is missing." })
    const many = DoctorArchive.findings(Array.from({ length: 12 }, (_, n) => segment(1 + n * 16, "is missing")))
    assert.strictEqual(many.length, 11)
    assert.include(many.at(-1)!.says, "2 more")
  })
})
