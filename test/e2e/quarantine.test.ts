/** An actor whose log holds an event of a node newer than this one: told, passed over by the operator, and back. With real processes. */
import { EventStore } from "@vivim/event-store/EventStore"
import * as PostgresEventStore from "@vivim/event-store/PostgresEventStore"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { event } from "../conformance/Events.ts"
import { noServer, serverPostgres } from "../conformance/ServerPostgres.ts"
import { call, type NodeProcess, startNode } from "./NodeProcess.ts"

describe.skipIf(noServer !== null)("an actor that stands still", () => {
  const scope = Effect.runSync(Scope.make())
  let node: NodeProcess
  let url: Redacted.Redacted<string>

  beforeAll(async () => {
    const server = await Effect.runPromise(Scope.extend(serverPostgres, scope))
    url = await Effect.runPromise(server.newDatabase)
    node = await startNode({ env: { VIVIM_DATABASE_URL: Redacted.value(url) } })
  })
  afterAll(async () => {
    await node.stop()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  })

  it("is listed with the event and the reason, goes on when an operator has it pass over, and holds nobody else", async () => {
    for (const circleId of ["tea", "coffee"]) {
      assert.strictEqual((await call(node, "POST", "/circles", { circleId, name: circleId })).status, 200)
    }
    assert.strictEqual((await node.vivim("quarantine", "check", "circle/tea")).stdout, "circle/tea folds to its end.\n")
    const newer = EventStore.pipe(
      Effect.flatMap((store) => store.append("circle/tea", 1, [event({ type: "circle.CircleGilded" })])),
      Effect.provide(PostgresEventStore.layer({ url }))
    )
    await Effect.runPromise(newer)

    const refused = await call(node, "PATCH", "/circles/tea", { name: "Oolong" })
    assert.strictEqual(refused.status, 503)
    assert.include(
      refused.body.message,
      "circle/tea stands still at circle.CircleGilded v1 at version 2: what is sealed"
    )
    assert.strictEqual((await call(node, "PATCH", "/circles/coffee", { name: "Mocha" })).status, 200)

    const [stop, ...others] = JSON.parse((await node.vivim("quarantine", "--json")).stdout)
    assert.deepInclude(stop, { stream: "circle/tea", version: 2, type: "circle.CircleGilded" })
    assert.deepStrictEqual(others, [])
    assert.match(await (await fetch(`${node.origin}/metrics`)).text(), /^vivim_actors_quarantined 1$/m)
    assert.include((await node.vivim("doctor")).stdout, "vivim quarantine")

    const wrong = await node.vivim("quarantine", "pass-over", "circle/tea", "--at", "1", "--reason", "no")
    assert.strictEqual(wrong.code, 2)
    assert.include(wrong.stderr, "stands still at version 2")
    const healthy = await node.vivim("quarantine", "pass-over", "circle/coffee", "--at", "1", "--reason", "no")
    assert.include(healthy.stderr, "it folds to its end")
    const passed = await node.vivim("quarantine", "pass-over", "circle/tea", "--at", "2", "--reason", "of a trial")
    assert.strictEqual(passed.code, 0, passed.stderr)

    const renamed = await call(node, "PATCH", "/circles/tea", { name: "Oolong" })
    assert.deepInclude(renamed, { status: 200 })
    assert.strictEqual(renamed.body.version, 3)
    assert.deepStrictEqual(JSON.parse((await node.vivim("quarantine", "--json")).stdout), [])
    await node.kill()
    node = await node.again()
    assert.strictEqual((await call(node, "PATCH", "/circles/tea", { name: "Sencha" })).status, 200)
  })
})
