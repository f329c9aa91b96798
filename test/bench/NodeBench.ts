/** A whole node, as a user has it: how long it takes to start, what it weighs, what an import costs, how soon a change is seen. */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import { VivimClient } from "@vivim/client/VivimClient"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { DocumentId, Title } from "@vivim/event-schemas/ids"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as path from "node:path"
import { type NodeProcess, startNode, temporary } from "../e2e/NodeProcess.ts"
import { writeExport } from "./GenerateExport.ts"
import * as Process from "./Process.ts"

export interface Figure {
  readonly what: string
  readonly value: number
  readonly unit: string
  /** What the issue asks for. */
  readonly goal: string
}

export const databaseOf = (node: NodeProcess) =>
  Number(fs.readFileSync(path.join(node.dataDir, "pg17", "cluster", "postmaster.pid"), "utf8").split("\n")[0])
const everything = (node: NodeProcess) => [node.pid, ...Process.family(databaseOf(node))]
const MiB = 1 << 20

/** Starts: on an empty folder once, then three times on the same. */
const starts = async (): Promise<{ readonly node: NodeProcess; readonly figures: ReadonlyArray<Figure> }> => {
  let node = await startNode()
  const first = node.readyMs
  const later: Array<number> = []
  for (let n = 0; n < 3; n++) {
    await node.stop()
    node = await node.again()
    later.push(node.readyMs)
  }
  // A node that nobody asks anything settles within some seconds.
  await new Promise((resolve) => setTimeout(resolve, 8_000))
  return {
    node,
    figures: [
      { what: "first start to ready, database created", value: first / 1_000, unit: "s", goal: "<= 15" },
      { what: "later start to ready (median of 3)", value: Process.median(later) / 1_000, unit: "s", goal: "<= 4" },
      {
        what: "idle memory with the database (Pss)",
        value: Process.sharedOutBytes(everything(node)) / MiB,
        unit: "MiB",
        goal: "<= 250"
      }
    ]
  }
}

/** From sending a command to the watcher's update, through the real socket. */
const updates = async (node: NodeProcess): Promise<ReadonlyArray<Figure>> => {
  const client = VivimClient.layer({
    url: `${node.origin.replace("http", "ws")}/rpc`,
    token: Redacted.make(node.token())
  }).pipe(
    Layer.provide(NodeSocket.layerWebSocketConstructor)
  )
  const measured = await Effect.runPromise(Effect.provide(rename(60), client))
  return [
    {
      what: "command to view update at a watcher, p50",
      value: Process.percentile(measured, 0.5),
      unit: "ms",
      goal: ""
    },
    {
      what: "command to view update at a watcher, p95",
      value: Process.percentile(measured, 0.95),
      unit: "ms",
      goal: "<= 50"
    }
  ]
}

const rename = Effect.fn(function*(times: number) {
  const node = yield* VivimClient
  const documentId = DocumentId.make("bench")
  const { position } = yield* node.StartConversation({
    commandId: yield* CommandIds.next,
    documentId,
    title: Title.make("0")
  })
  yield* node.AwaitPosition({ position })
  const waiting = new Map<string, Deferred.Deferred<void>>()
  yield* node.WatchConversation({ documentId }).pipe(
    Stream.runForEach(({ summary }) => {
      const seen = waiting.get(summary.title)
      return seen === undefined ? Effect.void : Deferred.succeed(seen, undefined)
    }),
    Effect.fork
  )
  const spent: Array<number> = []
  for (let n = 1; n <= times; n++) {
    const seen = yield* Deferred.make<void>()
    waiting.set(`title ${n}`, seen)
    yield* Effect.sleep("250 millis")
    const since = performance.now()
    yield* node.RenameConversation({ commandId: yield* CommandIds.next, documentId, title: Title.make(`title ${n}`) })
    yield* Deferred.await(seen)
    spent.push(performance.now() - since)
  }
  return spent
})

/** The export of a busy person: 10,000 conversations, 115,000 messages, 150 MB. */
const imported = async (node: NodeProcess): Promise<ReadonlyArray<Figure>> => {
  const file = path.join(temporary("bench"), "conversations.json")
  const made = writeExport(file, { conversations: 10_000, seed: 1 })
  const before = [Process.cpuSeconds([node.pid]), Process.cpuSeconds(Process.family(databaseOf(node)))] as const
  const since = performance.now()
  const { code, stderr, stdout } = await node.vivim("import", file, "--json")
  if (code !== 0) throw new Error(stderr)
  const took = (performance.now() - since) / 1_000
  const found = JSON.parse(stdout).nodes.found
  if (found !== made.nodes) throw new Error(`${found} nodes found of ${made.nodes}`)
  return [
    {
      what: `import of ${made.conversations} conversations: node`,
      value: Process.cpuSeconds([node.pid]) - before[0],
      unit: "CPU s",
      goal: "<= 15"
    },
    {
      what: "the same: database",
      value: Process.cpuSeconds(Process.family(databaseOf(node))) - before[1],
      unit: "CPU s",
      goal: ""
    },
    { what: "the same: wall time", value: took, unit: "s", goal: "" },
    {
      what: "the same: the node's peak memory (RSS)",
      value: Process.peakBytes(node.pid) / MiB,
      unit: "MiB",
      goal: "<= 300"
    }
  ]
}

export const nodeBench = async (): Promise<ReadonlyArray<Figure>> => {
  const { figures, node } = await starts()
  try {
    return [...figures, ...await updates(node), ...await imported(node)]
  } finally {
    await node.stop()
  }
}
