/** What the tests need is found where systems put it, installed where that is allowed, or named in one sentence. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterEach, assert, beforeEach, describe, it, vi } from "vitest"
import { chromium, ensureChromium, findChromium } from "../../infra/Chromium.ts"
import { ensurePostgresBinaries, findPostgresBinaries } from "../../infra/PostgresBinaries.ts"

let folder = ""

/** Puts a program into a folder of its own. */
const program = (at: string, lines: ReadonlyArray<string>): string => {
  const file = path.join(folder, at)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, ["#!/bin/sh", ...lines, ""].join("\n"), { mode: 0o755 })
  return file
}

const server = (at: string) => ["initdb", "postgres", "pg_ctl"].map((name) => program(path.join(at, name), ["exit 0"]))

beforeEach(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "vivim-finders-")))
  vi.stubEnv("CHROME_PATH", undefined)
})
afterEach(() => {
  vi.unstubAllEnvs()
  fs.rmSync(folder, { recursive: true, force: true })
})

describe.skipIf(process.platform === "win32")("Chromium", () => {
  it("is what CHROME_PATH says, whatever is in PATH", () => {
    const asked = program("mine", ["exit 0"])
    vi.stubEnv("CHROME_PATH", asked)
    assert.strictEqual(findChromium(), asked)
  })

  it("is refused in one sentence when CHROME_PATH names no program", () => {
    vi.stubEnv("CHROME_PATH", path.join(folder, "nothing"))
    assert.throws(findChromium, /^CHROME_PATH is .*nothing, which is not a program that can be run\.$/)
  })

  it("is the first in PATH that says it is a browser", () => {
    program("a/chromium", ["echo please install the snap", "exit 1"])
    const real = program("b/google-chrome", ["echo Google Chrome 140.0"])
    vi.stubEnv("PATH", [path.join(folder, "a"), path.join(folder, "b"), "/bin"].join(path.delimiter))
    assert.include([real, "/bin/chromium"], findChromium())
    vi.stubEnv("PATH", [path.join(folder, "a"), path.join(folder, "b")].join(path.delimiter))
    assert.strictEqual(findChromium(), real)
  })

  // Only root on Debian or Ubuntu may install; here apt-get is ours, and writes down what it is asked.
  it.skipIf(process.getuid?.() !== 0 || process.platform !== "linux" || fs.existsSync("/snap/bin/chromium"))(
    "is installed with apt-get where that is allowed",
    async () => {
      const log = path.join(folder, "log")
      program("apt-get", [
        `echo "$DEBIAN_FRONTEND: $*" >> ${log}`,
        `if [ "$1" = install ]; then printf '#!/bin/sh\necho Chromium 140\n' > ${folder}/chromium; /bin/chmod 755 ${folder}/chromium; fi`
      ])
      vi.stubEnv("PATH", folder)
      assert.strictEqual(await ensureChromium(), path.join(folder, "chromium"))
      assert.deepStrictEqual(fs.readFileSync(log, "utf8").trim().split("\n"), [
        "noninteractive: update",
        "noninteractive: install -y --no-install-recommends chromium"
      ])
    }
  )

  it.skipIf(process.platform === "darwin" || fs.existsSync("/snap/bin/chromium"))(
    "is asked for in one sentence",
    () => {
      vi.stubEnv("PATH", folder)
      assert.throws(chromium, /^No Chromium found: install .* or set CHROME_PATH to the program\.$/)
    }
  )
})

describe.skipIf(process.platform === "win32")("PostgreSQL", () => {
  it("is where a link in PATH leads to, all three programs together", () => {
    server("pg/17/bin")
    program("half/initdb", ["exit 0"])
    fs.mkdirSync(path.join(folder, "bin"))
    fs.symlinkSync(path.join(folder, "pg/17/bin/initdb"), path.join(folder, "bin/initdb"))
    vi.stubEnv("PATH", [path.join(folder, "half"), path.join(folder, "bin")].join(path.delimiter))
    const found = findPostgresBinaries()
    assert.strictEqual(found?.folder, path.join(folder, "pg/17/bin"))
    assert.strictEqual(found?.pgCtl, path.join(folder, "pg/17/bin/pg_ctl"))
  })

  it.skipIf(findPostgresBinaries() !== undefined)("is asked for in one sentence", async () => {
    vi.stubEnv("PATH", folder)
    const said = await ensurePostgresBinaries().catch((error: Error) => error.message)
    assert.match(String(said), /^No PostgreSQL server found: install `postgresql` 15 or newer/)
  })
})
