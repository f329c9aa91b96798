/** Several processes of one node on one database, as an operator runs them; killed, stopped, started again one after the other. */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as VivimClient from "@vivim/client/VivimClient"
import { CircleId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { randomBytes } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { noServer } from "../conformance/ServerPostgres.ts"
import { freePort, type NodeProcess, startNode, temporary } from "../e2e/NodeProcess.ts"
import { type Company, company, insist, knock, shards, takeOverMs, until } from "./Company.ts"

const sum = (all: Iterable<number>) => [...all].reduce((a, b) => a + b, 0)
const addressOf = (node: NodeProcess) => /Listening on: ([^"]+)"/.exec(node.output())?.[1]

/** Traffic so far: no name is given twice, for that would change nothing. */
let times = 0

/** Commands one after the other on each of some circles, through every door in turn; what was acknowledged is kept. */
const traffic = (doors: () => ReadonlyArray<NodeProcess>, circles: ReadonlyArray<string>) => {
  const acknowledged = new Map<string, Array<{ readonly version: number; readonly name: string }>>()
  const time = ++times
  let going = true
  let slowestMs = 0
  const one = async (circleId: string, first: number) => {
    const kept: Array<{ version: number; name: string }> = []
    acknowledged.set(circleId, kept)
    for (let n = 0; going; n++) {
      const name = `${circleId} ${time}.${n}`
      const { body, ms, status } = await insist(doors, "PATCH", `/circles/${circleId}`, { name }, first + n)
      assert.strictEqual(status, 200, JSON.stringify(body))
      slowestMs = Math.max(slowestMs, ms)
      kept.push({ version: body.version, name })
    }
  }
  const all = Promise.all(circles.map(one))
  return {
    acknowledged,
    stop: async () => {
      going = false
      await all
      return { slowestMs, commands: sum([...acknowledged.values()].map((kept) => kept.length)) }
    }
  }
}

describe.skipIf(noServer !== null)("several processes of one node", () => {
  let all: Company
  const doors = () => all.nodes
  const circles = Array.from({ length: 8 }, (_, n) => `tea-${n}`)

  beforeAll(async () => {
    all = await company(2)
    for (const circleId of circles) {
      assert.strictEqual((await insist(doors, "POST", "/circles", { circleId, name: "Tea" })).status, 200)
    }
  }, 240_000)
  afterAll(() => all?.end())

  /** What was acknowledged is in the log, in order, once; views are those of a fresh replay; the audit is clean. */
  const sound = async (acknowledged: ReadonlyMap<string, ReadonlyArray<{ readonly version: number }>>) => {
    for (const [circleId, kept] of acknowledged) {
      const versions = kept.map(({ version }) => version)
      assert.deepStrictEqual(versions, versions.toSorted((a, b) => a - b), `${circleId} in order`)
      assert.strictEqual(new Set(versions).size, versions.length, `${circleId} once`)
      const { rows: [row] } = await all.database.query(
        "select count(*)::int as n, max(version)::int as last from event where stream = $1",
        [`circle/${circleId}`]
      )
      // Every command of this client was acknowledged: there is nothing in the stream beside them.
      assert.deepStrictEqual(row, { n: versions.at(-1), last: versions.at(-1) }, circleId)
    }
    const [first] = all.nodes
    for (const node of all.nodes) {
      const compared = await node.vivim("replay", "--compare", "--json")
      assert.strictEqual(compared.code, 0, compared.stdout + compared.stderr)
    }
    const audit = await first!.vivim("audit", "--json")
    assert.strictEqual(audit.code, 0, audit.stdout + audit.stderr)
    assert.isTrue(JSON.parse(audit.stdout).sound)
  }

  it("spread the actors between them, tell so, and have one session", async () => {
    const spread = await until(
      () => shards(all),
      (held) => held.size === 2 && sum(held.values()) === 300,
      "every shard is held by one of two"
    )
    assert.sameMembers([...spread.keys()], all.nodes.map(addressOf))
    assert.strictEqual(all.nodes[0]!.token(), all.nodes[1]!.token())
    for (const node of all.nodes) {
      const metrics = await (await fetch(`${node.origin}/metrics`)).text()
      assert.strictEqual(metrics.match(/^vivim_runner_at_work\{.*\} 1$/gm)?.length, 2, metrics)
      const doctor = await node.vivim("doctor")
      assert.match(doctor.stdout, /processes +2 at work, holding 300 of 300 shards/, doctor.stdout)
    }
  })

  it("answer a command at any door, out of one history", async () => {
    for (let n = 0; n < 24; n++) {
      const circleId = circles[n % circles.length]!
      const { body, status } = await insist(doors, "PATCH", `/circles/${circleId}`, { name: `Name ${n}` }, n)
      assert.deepInclude({ status, version: body.version }, {
        status: 200,
        version: 2 + Math.floor(n / circles.length)
      })
    }
    // The refusal of one door is that of the other, in the words of the contract.
    for (const node of all.nodes) {
      const { body } = await knock(node, "PATCH", "/circles/nowhere", { name: "x" })
      assert.deepInclude(body, { _tag: "NoSuchCircle", circleId: "nowhere" })
    }
  })

  it("wake whoever watches at one door by what comes in at another, and wait for the views at any", async () => {
    const [one, other] = all.nodes
    const line = VivimClient.VivimClient.layer({
      url: `${one!.origin.replace("http", "ws")}/rpc`,
      token: Redacted.make(one!.token())
    }).pipe(Layer.provide(NodeSocket.layerWebSocketConstructor))
    const names = await Effect.runPromise(
      Effect.gen(function*() {
        const node = yield* VivimClient.VivimClient
        const seen: Array<string> = []
        const watching = yield* node.WatchCircle({ circleId: CircleId.make(circles[0]!) }).pipe(
          Stream.tap(({ name }) => Effect.sync(() => void seen.push(name))),
          Stream.takeUntil(({ name }) => name === "seen from afar 2"),
          Stream.runDrain,
          Effect.fork
        )
        for (const name of ["seen from afar 1", "seen from afar 2"]) {
          yield* Effect.promise(() => until(async () => seen.length, (n) => n > 0, "the first answer"))
          const { body } = yield* Effect.promise(() =>
            insist(() => [other!], "PATCH", `/circles/${circles[0]}`, { name })
          )
          yield* node.AwaitPosition({ position: body.position })
          const read = yield* Effect.promise(() => knock(one!, "GET", `/circles/${circles[0]}`))
          assert.strictEqual(read.body.name, name)
        }
        yield* Effect.timeout(Fiber.join(watching), "30 seconds")
        return seen
      }).pipe(Effect.provide(line), Effect.scoped)
    )
    assert.strictEqual(names.at(-1), "seen from afar 2")
  })

  it(
    "go on when one of them is killed: its actors move within the time that was set, and nothing is lost",
    async () => {
      const [killed, survivor] = all.nodes
      const { acknowledged, stop } = traffic(() => all.nodes, circles)
      await until(async () => sum([...acknowledged.values()].map((kept) => kept.length)), (n) => n > 30, "traffic")
      await killed!.kill()
      const since = performance.now()
      await until(
        async () => (await shards(all)).get(addressOf(survivor!) ?? ""),
        (held) => held === 300,
        "the survivor holds every shard"
      )
      const movedMs = performance.now() - since
      all.nodes.splice(0, 1)
      const { commands, slowestMs } = await stop()
      console.log(`killed: moved after ${Math.round(movedMs)} ms, slowest of ${commands} ${Math.round(slowestMs)} ms`)
      assert.isBelow(movedMs, takeOverMs + 15_000)
      await sound(acknowledged)
      all.nodes.push(await killed!.again())
    },
    300_000
  )

  it("never make a second history when one is stopped, overtaken, and goes on", async () => {
    const [stopped, other] = all.nodes
    process.kill(stopped!.pid, "SIGSTOP")
    const { acknowledged, stop } = traffic(() => [other!], circles)
    try {
      await until(
        async () => (await shards(all)).get(addressOf(other!) ?? ""),
        (held) => held === 300,
        "the other holds every shard"
      )
      const so = sum([...acknowledged.values()].map((kept) => kept.length))
      await until(
        async () => sum([...acknowledged.values()].map((kept) => kept.length)),
        (n) => n > so + 20,
        "commands on the actors it took over"
      )
    } finally {
      process.kill(stopped!.pid, "SIGCONT")
    }
    // The one that was stopped still believes in its actors: it is asked at once, for the same ones.
    const revived = await Promise.all(
      circles.map((circleId) =>
        insist(() => [stopped!], "POST", `/circles/${circleId}/members`, { member: `did:key:zRevived` })
      )
    )
    assert.deepStrictEqual(revived.map(({ status }) => status), circles.map(() => 200))
    await stop()
    for (const [n, circleId] of circles.entries()) {
      const kept = acknowledged.get(circleId)!
      kept.push({ version: revived[n]!.body.version, name: "member" })
      kept.sort((a, b) => a.version - b.version)
    }
    await sound(acknowledged)
  }, 300_000)

  it("are started again one after the other under load, and nothing is lost", async () => {
    const { acknowledged, stop } = traffic(() => all.nodes, circles)
    for (const node of [...all.nodes]) {
      assert.strictEqual(await node.stop(), 0, node.output())
      all.nodes.splice(all.nodes.indexOf(node), 1)
      all.nodes.push(await node.again())
    }
    const { commands, slowestMs } = await stop()
    console.log(`rolling: slowest of ${commands} ${Math.round(slowestMs)} ms`)
    await sound(acknowledged)
  }, 300_000)

  it("leave an import to the process that has its file, and stop it from any door", async () => {
    const [one, other] = all.nodes
    const file = path.join(temporary("export"), "conversations.json")
    const { writeExport } = await import("../bench/GenerateExport.ts")
    writeExport(file, { conversations: 3_000, seed: 11 })
    const sent = await fetch(`${one!.origin}/api/v1/imports?name=conversations.json`, {
      method: "POST",
      headers: { authorization: `Bearer ${one!.token()}` },
      body: fs.readFileSync(file)
    })
    const { importId } = await sent.json() as { importId: string }
    const state = (node: NodeProcess) => async () => (await knock(node, "GET", `/imports/${importId}`)).body?.state
    await until(state(other!), (now) => now === "running", "the other hears of it")
    // One that starts meanwhile does not take it for lost.
    await other!.kill()
    all.nodes.splice(all.nodes.indexOf(other!), 1, await other!.again())
    const again = all.nodes.find((node) => node !== one)!
    assert.strictEqual(await state(again)(), "running")
    assert.strictEqual((await knock(again, "DELETE", `/imports/${importId}`)).status, 200)
    await until(state(again), (now) => now === "cancelled", "it was stopped from the other door")
  }, 300_000)
})

describe.skipIf(noServer !== null)("a process that does not belong to the node", () => {
  let all: Company
  beforeAll(async () => {
    all = await company(1)
  }, 240_000)
  afterAll(() => all?.end())

  const refusal = async (start: Parameters<typeof startNode>[0]) => {
    try {
      const node = await startNode(start)
      await node.kill()
      return "it started"
    } catch (error) {
      return String(error)
    }
  }
  const env = async (keys: string) => ({
    VIVIM_DATABASE_URL: all.url,
    VIVIM_KEYS_DIR: keys,
    VIVIM_CLUSTER_ADDRESS: `127.0.0.1:${await freePort()}`
  })

  it("does not start with keys the database was not written with", async () => {
    const keys = temporary("strange-keys")
    assert.include(await refusal({ env: await env(keys) }), "it is missing, and the database holds what it sealed")
    fs.writeFileSync(path.join(keys, "node.key"), randomBytes(32), { mode: 0o600 })
    assert.include(await refusal({ env: await env(keys) }), "is not the one this database was written with")
  })

  it("does not start in the data folder of another, nor at a public address, nor on a database of its own", async () => {
    const keys = path.join(path.dirname(all.nodes[0]!.dataDir), "keys")
    const good = await env(keys)
    assert.include(
      await refusal({ dataDir: all.nodes[0]!.dataDir, env: good }),
      "give each process a VIVIM_DATA_DIR of its own"
    )
    assert.include(await refusal({ env: { ...good, VIVIM_CLUSTER_ADDRESS: "203.0.113.7:4200" } }), "public address")
    const { VIVIM_DATABASE_URL: _, ...without } = good
    assert.include(await refusal({ env: without }), "set VIVIM_DATABASE_URL")
  })
})
