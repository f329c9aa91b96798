/** As whom PostgreSQL runs. */
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { canReach, userFor } from "./PostgresUser.ts"

const isRoot = process.getuid?.() === 0
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-user-"))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))
const own = process.getuid?.() ?? 0

describe("the user of PostgreSQL", () => {
  it("O1 is ourselves, unless we are root", () => {
    const user = Effect.runSync(userFor(path.join(folder, "none")))
    if (isRoot) assert.include(["postgres", "nobody"], user?.name)
    else assert.isNull(user)
  })

  // Only root can give a folder to somebody else.
  it.skipIf(!isRoot)("O1 is the owner of the data", () => {
    const data = path.join(folder, "data")
    fs.mkdirSync(data)
    fs.chownSync(data, 12_345, 54_321)
    assert.deepStrictEqual(Effect.runSync(userFor(data)), { name: "user 12345", uid: 12_345, gid: 54_321 })
  })

  it("O2 reaches what every folder above lets through", () => {
    const stranger = { name: "stranger", uid: own + 1_000, gid: 54_321 }
    fs.chmodSync(folder, 0o711)
    const at = path.join(folder, "a", "b")
    fs.mkdirSync(at, { recursive: true, mode: 0o755 })
    for (const each of [path.join(folder, "a"), at]) fs.chmodSync(each, 0o755)
    assert.isTrue(canReach(at, stranger))
    fs.chmodSync(path.join(folder, "a"), 0o750)
    assert.isFalse(canReach(at, stranger))
    assert.isTrue(canReach(at, { ...stranger, uid: own }))
    assert.isTrue(canReach(at, { ...stranger, gid: fs.statSync(at).gid }))
    fs.chmodSync(path.join(folder, "a"), 0o711)
    assert.isTrue(canReach(at, stranger))
    fs.chmodSync(at, 0o711)
    assert.isFalse(canReach(at, stranger), "it can be passed, not read")
    fs.symlinkSync(at, path.join(folder, "link"))
    assert.isFalse(canReach(path.join(folder, "link"), stranger))
  })
})
