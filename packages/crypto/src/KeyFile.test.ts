/** A secret in a file. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import * as KeyFile from "./KeyFile.ts"

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-key-"))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const about = (name: string, parts: Partial<KeyFile.KeyFile> = {}): KeyFile.KeyFile => ({
  file: path.join(folder, name),
  mayCreate: true,
  make: () => Uint8Array.of(1, 2, 3),
  needed: "the tea was sealed with it",
  ...parts
})

describe("KeyFile", () => {
  it("F1 a file others can read, or that is missing where it must not be made anew, is refused with what to do", () => {
    assert.throws(
      () => KeyFile.read(about("missing", { mayCreate: false })),
      "it is missing, and the tea was sealed with it; put the file back"
    )
    assert.isFalse(fs.existsSync(path.join(folder, "missing")))
    KeyFile.read(about("open"))
    fs.chmodSync(path.join(folder, "open"), 0o640)
    if (process.platform !== "win32") assert.throws(() => KeyFile.read(about("open")), "chmod 600")
  })

  it("F2 the first makes the key of all, and what a crash left does not hinder it", () => {
    const file = about(path.join("deeper", "key"))
    fs.mkdirSync(path.dirname(file.file), { recursive: true })
    fs.writeFileSync(`${file.file}.${process.pid}.new`, "half")
    // Another one makes its key between our look and our link.
    const late = KeyFile.read({
      ...file,
      make: () => {
        KeyFile.read({ ...file, make: () => Uint8Array.of(9) })
        return Uint8Array.of(1)
      }
    })
    assert.deepStrictEqual([...late], [9])
    assert.deepStrictEqual([...KeyFile.read(file)], [9])
    assert.deepStrictEqual(fs.readdirSync(path.dirname(file.file)), ["key"])
    assert.strictEqual(fs.statSync(file.file).mode & 0o777, 0o600)
  })
})
