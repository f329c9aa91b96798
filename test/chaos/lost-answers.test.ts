/** Answers that are lost after what they tell of happened: between the node and its database, and between a caller and the node. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import type pg from "pg"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { noServer, poolOn, serverPostgres } from "../conformance/ServerPostgres.ts"
import { startNode } from "../e2e/NodeProcess.ts"
import { type Protocol, type Wire, wireTo } from "./Wire.ts"
import { inspect, pause, Writers } from "./Writers.ts"

/** A round: PostgreSQL's message Bind names the statement behind a portal without a name. ReadyForQuery, idle, comes after the commit. */
const rounds: Protocol = {
  isQuestion: (bytes) => ["advance", "append"].some((name) => bytes.includes(`\0${name}\0`)),
  isAnswered: (last) => last.subarray(-6).toString("latin1") === "Z\0\0\0\x05I"
}
const commands: Protocol = {
  isQuestion: (bytes) => /^(?:POST|PATCH) \/api\/v1\/conversations/.test(bytes.toString("latin1")),
  isAnswered: (last) => last.length > 0
}

const losses = 12

describe.skipIf(noServer !== null)("an answer that is lost", () => {
  const scope = Effect.runSync(Scope.make())
  let database: pg.Pool
  let toDatabase: Wire
  let toNode: Wire
  let writers: Writers

  beforeAll(async () => {
    const server = await Effect.runPromise(Scope.extend(serverPostgres, scope))
    const url = new URL(Redacted.value(await Effect.runPromise(server.newDatabase)))
    database = poolOn(url.href)
    toDatabase = await wireTo(Number(url.port), rounds)
    url.port = String(toDatabase.port)
    const node = await startNode({ env: { VIVIM_DATABASE_URL: url.href } })
    toNode = await wireTo(Number(new URL(node.origin).port), commands)
    writers = new Writers(node, 11)
    await writers.open()
  }, 120_000)
  afterAll(async () => {
    await writers.node.stop()
    await toNode.cut()
    await toDatabase.cut()
    await database.end()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }, 60_000)

  const placesOf = async (commandId: string) =>
    (await database.query("select stream, version::int, position::int from event where event_id = $1", [commandId]))
      .rows

  it("after the database committed: asked again, the command has the receipt of what happened, once", async () => {
    for (let n = 0; n < 3; n++) {
      const command = writers.newConversation(`database-${n}`)
      const before = toDatabase.lost()
      toDatabase.lose(1)
      let first = await writers.attempt(command)
      // The node may still be finding its way back from the loss before, and send nothing.
      while (first === null && toDatabase.lost() === before) first = await writers.attempt(command)
      assert.strictEqual(toDatabase.lost(), before + 1, "the answer to the append was lost")
      const [place, ...more] = await placesOf(command.body.commandId)
      assert.deepStrictEqual(more, [])
      assert.isDefined(place, "it happened nevertheless")
      if (first !== null) assert.deepStrictEqual(first, place)
      assert.deepStrictEqual(await writers.answerTo(command), place)
    }
  }, 120_000)

  it("on the way to the caller: asked again, the command has the receipt of what happened, once", async () => {
    writers.origin = `http://127.0.0.1:${toNode.port}`
    for (let n = 0; n < 3; n++) {
      const command = writers.newConversation(`caller-${n}`)
      toNode.lose(1)
      assert.isNull(await writers.attempt(command))
      const again = await writers.answerTo(command)
      assert.deepStrictEqual(await placesOf(command.body.commandId), [again])
    }
    assert.strictEqual(toNode.lost(), 3)
    writers.origin = writers.node.origin
  }, 120_000)

  it("under load, again and again: each command is in the log once, where its receipt says", async () => {
    const before = toDatabase.lost()
    const from = writers.kept.length
    await writers.during(async () => {
      for (let n = 1; n <= losses; n++) {
        toDatabase.lose(1)
        while (toDatabase.lost() < before + n) await pause(20)
        await pause(writers.draw(200))
      }
    })
    assert.isAbove(writers.askedAgain, losses, "rounds that were lost carried commands")
    await inspect(writers, from)
  }, 300_000)
})
