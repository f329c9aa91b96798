/** Views of a real node that stand still, and files of its users that are damaged: what its operator sees, and does. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as fs from "node:fs"
import * as path from "node:path"
import pg from "pg"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { noServer, serverPostgres } from "../conformance/ServerPostgres.ts"
import { call, type NodeProcess, startNode } from "./NodeProcess.ts"

const until = async (what: () => Promise<boolean>, that: string) => {
  for (let n = 0; n < 1_200; n++) {
    if (await what()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`never came to be: ${that}`)
}

const transcript = path.resolve(import.meta.dirname, "../fixtures/exports/generic/transcript.md")

// Without the system's PostgreSQL programs there is no server whose tables a test could put a stone into.
describe.skipIf(noServer !== null)("the operator of a node whose views stand still", () => {
  const scope = Effect.runSync(Scope.make())
  let node: NodeProcess
  let sql: pg.Client
  beforeAll(async () => {
    const server = await Effect.runPromise(Scope.extend(serverPostgres, scope))
    const url = Redacted.value(await Effect.runPromise(server.newDatabase))
    node = await startNode({ env: { VIVIM_DATABASE_URL: url } })
    sql = new pg.Client(url)
    await sql.connect()
  }, 240_000)
  afterAll(async () => {
    await sql?.end()
    await node?.stop()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })

  const ready = async () => (await fetch(`${node.origin}/readyz`)).status === 200

  it("is told of the event everywhere, skips it, and a replay leaves it out too", async () => {
    // What the registry cannot keep, as if the view had a mistake.
    const { rows: [{ generation }] } = await sql.query("SELECT generation FROM projection WHERE view = 'circles'")
    await sql.query(`ALTER TABLE registry_circles_${generation}.circle ADD CHECK (circle_id <> 'bitter')`)
    const created = await call(node, "POST", "/circles", { circleId: "bitter", name: "Bitter" })
    assert.strictEqual(created.status, 200, JSON.stringify(created.body))
    const { position } = created.body
    await until(async () => !(await ready()), "the node is not ready")

    const { problems } = await (await fetch(`${node.origin}/readyz`)).json() as any
    assert.match(
      problems[0],
      new RegExp(`^view circles is stopped at position ${position} \\(circle.CircleCreated, circle/bitter@1\\)`)
    )
    const metrics = await (await fetch(`${node.origin}/metrics`)).text()
    assert.include(
      metrics,
      `vivim_view_stopped_at{view="circles",stream="circle/bitter",version="1",type="circle.CircleCreated"} ${position}\n`
    )
    const doctor = await node.vivim("doctor")
    assert.strictEqual(doctor.code, 1)
    assert.match(
      doctor.stdout,
      new RegExp(`FAIL  view circles +It is stopped at position ${position}, circle.CircleCreated`)
    )
    assert.match((await node.vivim("views")).stdout, /^stopped +circles .*\n +stopped at position/m)

    // Nobody waits for it, and everything else goes on.
    const since = performance.now()
    const waited = await call(node, "GET", `/positions/${position}`)
    assert.isBelow(performance.now() - since, 5_000)
    assert.deepInclude(waited.body, { _tag: "ViewStopped", view: "circles", position })
    assert.strictEqual((await node.vivim("import", transcript)).code, 0)

    for (
      const [args, says] of [
        [["skip", "circles", "--position", String(position - 1), "--reason", "x"], "only what it stopped at"],
        [["skip", "nothing", "--position", "1", "--reason", "x"], "there are: users, "],
        [["resume", "library"], "nothing of library stands still"]
      ] as const
    ) {
      const { code, stderr } = await node.vivim("views", ...args)
      assert.strictEqual(code, 2, stderr)
      assert.include(stderr, says)
    }
    assert.strictEqual((await node.vivim("views", "resume", "circles")).code, 0)
    await until(async () => !(await ready()), "it stands at the same event again")
    const skipped = await node.vivim(
      "views",
      "skip",
      "circles",
      "--position",
      String(position),
      "--reason",
      "too bitter"
    )
    assert.strictEqual(skipped.code, 0, skipped.stderr)
    await until(ready, "the node is ready again")

    const said = JSON.parse((await node.vivim("events", "--type", "view.*", "--json")).stdout.trim().split("\n")[0]!)
    assert.deepInclude(said, { type: "view.EventSkipped", stream: "view/circles" })
    assert.deepStrictEqual(said.routing, { view: "circles", position })
    assert.isString(said.by)
    const compared = await node.vivim("replay", "--compare")
    assert.strictEqual(compared.code, 0, compared.stdout + compared.stderr)
    const { rows } = await sql.query("SELECT circle_id FROM registry.circle")
    assert.deepStrictEqual(rows, [])
    const unskipped = await node.vivim(
      "views",
      "unskip",
      "circles",
      "--position",
      String(position),
      "--reason",
      "it fits"
    )
    assert.strictEqual(unskipped.code, 0, unskipped.stderr)
    assert.strictEqual((await node.vivim("rebuild", "circles")).code, 0)
    const { rows: after } = await sql.query("SELECT circle_id FROM registry.circle")
    assert.deepStrictEqual(after, [{ circle_id: "bitter" }])
  }, 300_000)

  it("finds a damaged library whole again, and the damaged file beside it", async () => {
    const library = () =>
      fs.readdirSync(path.join(node.dataDir, "users"), { recursive: true, encoding: "utf8" })
        .map((file) => path.join(node.dataDir, "users", file))
    const search = async () => JSON.parse((await node.vivim("search", "oolong", "--json")).stdout || "null")?.hits ?? []
    assert.isNotEmpty(await search())
    await node.stop()
    const file = library().find((one) => /library\.v\d+\.sqlite$/.test(one))!
    fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size, 0xa7))
    node = await node.again()
    await until(async () => (await search()).length > 0, "the words are found again")
    assert.isTrue(library().some((one) => one.endsWith(".sqlite.aside")))
    assert.strictEqual((await node.vivim("replay", "--compare")).code, 0)
  }, 300_000)
})
