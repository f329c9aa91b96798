/** A node as its user and its operator meet it, on the database it brings along and on a PostgreSQL server. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as net from "node:net"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { ensureBuilt } from "../../infra/build.ts"
import { noServer, serverPostgres } from "../conformance/ServerPostgres.ts"
import { nodeJourney } from "./NodeJourney.ts"
import { freePort, run, temporary } from "./NodeProcess.ts"

/** A server as an operator would have it, from this machine's own programs. */
const onServer = async () => {
  const scope = Effect.runSync(Scope.make())
  const server = await Effect.runPromise(Scope.extend(serverPostgres, scope))
  const url = await Effect.runPromise(server.newDatabase)
  return {
    start: { env: { VIVIM_DATABASE_URL: Redacted.value(url) } },
    end: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

nodeJourney("on the embedded database", async () => ({ start: {}, end: () => Promise.resolve() }))
// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("with PostgreSQL programs", () => {
  nodeJourney("on a PostgreSQL server", onServer)
})

describe("a node that cannot start", () => {
  const start = async (env: Readonly<Record<string, string>>) => {
    const { node } = await ensureBuilt()
    return run(node, [], {
      VIVIM_DATA_DIR: path.join(temporary("refused"), "data"),
      VIVIM_PORT: String(await freePort()),
      ...env
    })
  }

  it("refuses a wrong switch by name, value and what is allowed", async () => {
    const { code, stderr } = await start({ VIVIM_PORT: "ninety", VIVIM_LOG_LEVEL: "loud" })
    assert.strictEqual(code, 1)
    assert.include(stderr, "VIVIM_PORT is \"ninety\", but it must be a whole number from 1 to 65535.")
    assert.include(stderr, "VIVIM_LOG_LEVEL is \"loud\", but it must be debug, info, warning, error or none.")
  })

  it("says that its port is in use", async () => {
    const server = net.createServer()
    const port = await new Promise<number>((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve((server.address() as net.AddressInfo).port))
    )
    const { code, stderr } = await start({ VIVIM_PORT: String(port) })
    server.close()
    assert.strictEqual(code, 1)
    assert.strictEqual(stderr.trim().split("\n").length, 1, stderr)
    assert.include(stderr, `Port ${port} is in use`)
  })

  it("says that its data folder cannot be written to", async () => {
    const { code, stderr } = await start({ VIVIM_DATA_DIR: path.join(import.meta.filename, "data") })
    assert.strictEqual(code, 1)
    assert.strictEqual(stderr.trim().split("\n").length, 1, stderr)
    assert.include(stderr, "VIVIM_DATA_DIR")
  })

  it("says that the database cannot be reached, without its password", async () => {
    const { code, stderr } = await start({
      VIVIM_DATABASE_URL: `postgres://vivim:hunter2@127.0.0.1:${await freePort()}/vivim`
    })
    assert.strictEqual(code, 1)
    assert.strictEqual(stderr.trim().split("\n").length, 1, stderr)
    assert.include(stderr, "VIVIM_DATABASE_URL")
    assert.notInclude(stderr, "hunter2")
  })
})
