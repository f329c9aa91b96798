/** Two processes that ask for the same build do it one after the other, and one that died does not stop the next. */
import * as fs from "node:fs"
import * as path from "node:path"
import { afterEach, assert, describe, it } from "vitest"
import { locked } from "../../infra/Lock.ts"

const name = `test-${process.pid}`
const folder = path.resolve(import.meta.dirname, "../../node_modules/.cache/vivim", `${name}.lock`)

afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

/** A process number nobody has: larger than any system hands out. */
const nobody = "4194999"

describe("a lock", () => {
  it("lets one in at a time, and the next when the first has left", async () => {
    const told: Array<string> = []
    let leave = (): void => {}
    const free = new Promise<void>((resolve) => leave = resolve)
    const one = locked(name, async () => {
      told.push("one is in")
      await free
      told.push("one leaves")
    })
    const two = locked(name, async () => told.push("two is in"))
    // The second has asked, and waits: it looks again ten times a second.
    await new Promise((resolve) => setTimeout(resolve, 300))
    told.push("nobody came in")
    leave()
    await Promise.all([one, two])
    assert.deepStrictEqual(told, ["one is in", "nobody came in", "one leaves", "two is in"])
  })

  it("is given back when the work fails", async () => {
    const broken = await locked(name, () => Promise.reject(new Error("no"))).catch((error: Error) => error.message)
    assert.strictEqual(broken, "no")
    assert.isFalse(fs.existsSync(folder))
  })

  it("is taken from a process that is no more", async () => {
    fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(path.join(folder, "pid"), nobody)
    assert.strictEqual(await locked(name, () => Promise.resolve("in")), "in")
  })
})
