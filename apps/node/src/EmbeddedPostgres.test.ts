/** The database a node brings along. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import { createRequire } from "node:module"
import * as os from "node:os"
import * as path from "node:path"
import { pathToFileURL } from "node:url"
import pg from "pg"
import { afterAll, afterEach, assert, describe, it } from "vitest"
import { EmbeddedPostgres, layer, type Running, start } from "./EmbeddedPostgres.ts"
import type { EmbeddedPostgresError } from "./PostgresError.ts"

/** Nobody but us may enter it. */
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-embedded-"))
const dataDir = path.join(folder, "not", "yet", "there")
const scopes: Array<Scope.CloseableScope> = []

const up = (options = { dataDir }): Promise<Running> => {
  const scope = Effect.runSync(Scope.make())
  scopes.push(scope)
  return Effect.runPromise(Scope.extend(start(options), scope))
}
const down = async () => {
  for (const scope of scopes.splice(0)) await Effect.runPromise(Scope.close(scope, Exit.void))
}
const refusal = (options: { readonly dataDir: string }): Promise<EmbeddedPostgresError> =>
  Effect.runPromise(Effect.flip(Effect.scoped(start(options))))

const ask = async (url: Redacted.Redacted<string>, text: string): Promise<any> => {
  const client = new pg.Client(Redacted.value(url))
  client.on("error", () => {})
  await client.connect()
  const { rows } = await client.query({ text, rowMode: "array" })
  await client.end()
  return rows[0]?.[0]
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !/\) Z /.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

afterEach(down)
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

describe("the embedded PostgreSQL", () => {
  it("D1 is there in seconds, for this node alone", async () => {
    const begun = performance.now()
    const { adopted, url } = await up()
    assert.isBelow(performance.now() - begun, 20_000)
    assert.isFalse(adopted)
    assert.match(await ask(url, "select version()"), /PostgreSQL 17/)
    assert.strictEqual(new URL(Redacted.value(url)).hostname, "127.0.0.1")
    assert.notInclude(String(url), new URL(Redacted.value(url)).password)
    assert.strictEqual(fs.statSync(path.join(dataDir, "pg17", "password")).mode & 0o777, 0o600)
    assert.strictEqual(fs.statSync(dataDir).mode & 0o077, 0)
  })

  it("D1 says in a sentence when there is no room for it", async () => {
    fs.writeFileSync(path.join(folder, "file"), "")
    const { message } = await refusal({ dataDir: path.join(folder, "file") })
    assert.match(message, /^VIVIM cannot write to .*: set VIVIM_DATA_DIR to a directory it may write to\.$/)
  })

  it("D2 outlives a node that was killed, and the next node takes it over", async () => {
    const script = path.join(folder, "node.mts")
    const launcher = pathToFileURL(path.join(import.meta.dirname, "EmbeddedPostgres.ts")).href
    const effect = (name: string) =>
      JSON.stringify(pathToFileURL(createRequire(import.meta.url).resolve(`effect/${name}`)).href)
    fs.writeFileSync(
      script,
      `import { start } from ${JSON.stringify(launcher)}
       const Effect = await import(${effect("Effect")})
       Effect.runFork(Effect.scoped(Effect.gen(function*() {
         const { pid, url } = yield* start({ dataDir: ${JSON.stringify(dataDir)} })
         process.stdout.write(pid() + "\\n")
         yield* Effect.never
       })))`
    )
    const node = spawn(process.execPath, ["--import", createRequire(import.meta.url).resolve("tsx"), script], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    const pid = Number(
      await new Promise<string>((resolve) => node.stdout.once("data", (data) => resolve(String(data))))
    )
    const ended = new Promise((resolve) => node.once("exit", resolve))
    node.kill("SIGKILL")
    await ended
    assert.isTrue(isAlive(pid))
    const next = await up()
    assert.isTrue(next.adopted)
    assert.strictEqual(next.pid(), pid)
    await ask(next.url, "create table if not exists kept ()")
    await down()
    assert.isFalse(isAlive(pid))
  })

  it("D3 belongs to one node; a second is told so and disturbs nothing", async () => {
    const first = await up()
    const { message } = await refusal({ dataDir })
    assert.match(
      message,
      /^Another VIVIM node runs on .*: stop it first, or give this one a directory of its own with VIVIM_DATA_DIR\.$/
    )
    assert.isTrue(isAlive(first.pid()))
    assert.strictEqual(await ask(first.url, "select 1"), 1)
  })

  it("D4 runs as somebody else when we are root, below folders that one cannot enter", async () => {
    const { pid } = await up()
    const { uid } = fs.statSync(`/proc/${pid()}`)
    if (process.getuid?.() === 0) assert.notStrictEqual(uid, 0)
    else assert.strictEqual(uid, process.getuid?.())
    assert.strictEqual(fs.statSync(folder).mode & 0o077, 0)
  })

  it("D5 comes back at the same address when it dies", async () => {
    const { pid, url } = await up()
    await ask(url, "create table if not exists counted as select 7 as n")
    const dead = pid()
    process.kill(dead, "SIGKILL")
    let seven: unknown
    for (let attempt = 0; attempt < 200 && seven !== 7; attempt++) {
      seven = await ask(url, "select n from counted").catch(() => new Promise((resolve) => setTimeout(resolve, 50)))
    }
    assert.strictEqual(seven, 7)
    while (pid() === dead) await new Promise((resolve) => setTimeout(resolve, 20))
    assert.isTrue(isAlive(pid()))
    assert.match((await refusal({ dataDir })).message, /Another VIVIM node/)
  })

  it("D6 stops with its node", async () => {
    const program = Effect.map(EmbeddedPostgres, ({ pid }) => pid())
    const pid = await Effect.runPromise(Effect.provide(program, layer({ dataDir })))
    assert.isFalse(isAlive(pid))
    assert.isFalse(fs.existsSync(path.join(dataDir, "pg17", "cluster", "postmaster.pid")))
  })
})
