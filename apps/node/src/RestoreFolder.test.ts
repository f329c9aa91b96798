/** The data folder of a restore: what may be there, and what comes in. */
import type { Handle } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { folders } from "./Folders.ts"
import * as RestoreFolder from "./RestoreFolder.ts"

const parent = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-folder-"))
afterAll(() => fs.rmSync(parent, { recursive: true, force: true }))
let made = 0
const fresh = () => folders(path.join(parent, String(++made)))

const put = (file: string, text: string) => {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, text)
}
const accounts = ["ada", "bo"].map((handle) => ({ handle: handle as Handle, key: Buffer.from(`the key of ${handle}`) }))
const key = Buffer.alloc(32, 7)
const said = (work: Effect.Effect<unknown, { readonly message: string }>) =>
  Either.match(Effect.runSync(Effect.either(work)), { onLeft: ({ message }) => message, onRight: () => "done" })
const filesOf = (folder: string) =>
  fs.existsSync(folder)
    ? fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).map(({ name }) =>
      name
    ).toSorted()
    : []

describe("the folder of a restore", () => {
  it("G1 may be missing, or hold a key and empty folders", () => {
    const at = fresh()
    assert.strictEqual(said(RestoreFolder.mustBeEmpty(at)), "done")
    fs.mkdirSync(path.join(at.users, "ab"), { recursive: true })
    fs.mkdirSync(at.spool)
    put(at.nodeKey, "k")
    put(at.token, "t")
    assert.strictEqual(said(RestoreFolder.mustBeEmpty(at)), "done")
  })

  it("G1 is refused when another node's views or uploads lie in it, with what to do", () => {
    for (const  of of["users", "spool"] as const) {
      const at = fresh()
      put(path.join(at[of], "x", "file"), "something")
      assert.include(said(RestoreFolder.mustBeEmpty(at)), at[of])
      assert.notInclude(said(RestoreFolder.mustBeEmpty(at)), "--key")
      put(at.nodeKey, "k")
      assert.include(said(RestoreFolder.mustBeEmpty(at)), `--key ${at.nodeKey}`)
    }
  })

  it("G1 is refused, untouched, when it holds another account of a name, or another key", () => {
    for (const [name, file] of [["accounts", "bo.key"], ["root", "node.key"]] as const) {
      const at = fresh()
      put(path.join(at[name], file), "another one")
      assert.include(said(RestoreFolder.furnish(at, { accounts, key })), file)
      assert.deepStrictEqual(filesOf(at.root), [file])
      assert.strictEqual(fs.readFileSync(path.join(at[name], file), "utf8"), "another one")
    }
  })

  it("G2 gets its key and its accounts, readable by their owner alone; a second time nothing changes", () => {
    const at = fresh()
    for (let times = 0; times < 2; times++) {
      assert.strictEqual(said(RestoreFolder.furnish(at, { accounts, key })), "done")
      assert.deepStrictEqual(filesOf(at.root), ["ada.key", "bo.key", "node.key"])
      assert.isTrue(fs.readFileSync(at.nodeKey).equals(key))
      assert.strictEqual(fs.readFileSync(path.join(at.accounts, "bo.key"), "utf8"), "the key of bo")
      if (process.platform !== "win32") {
        for (const file of [at.nodeKey, path.join(at.accounts, "ada.key")]) {
          assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
        }
      }
    }
  })

  it("G2 gets none of them when one cannot be placed", () => {
    const at = fresh()
    // Where the key's new file is to be written, something lies in the way.
    fs.mkdirSync(`${at.nodeKey}.${process.pid}.new`, { recursive: true })
    assert.include(said(RestoreFolder.furnish(at, { accounts, key })), "cannot be used")
    assert.deepStrictEqual(filesOf(at.root), [])
  })
})
