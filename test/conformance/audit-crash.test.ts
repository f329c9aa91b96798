/** The audit of a node that is killed again and again between an append, the tree, a head and its file. */
import { AuditLog } from "@vivim/audit/AuditLog"
import * as Checkpoint from "@vivim/audit/Checkpoint"
import { verifyConsistency } from "@vivim/audit/MerkleTree"
import * as TreeProof from "@vivim/audit/TreeProof"
import { audit } from "@vivim/node/Audit"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { spawn } from "node:child_process"
import * as path from "node:path"
import { assert, describe } from "vitest"
import { reportOf, start } from "./AuditWorld.ts"
import { noServer, temporaryFolder } from "./ServerPostgres.ts"
import { onServer, type Url } from "./StoresOnServer.ts"

const kills = 4
const victim = path.join(import.meta.dirname, "AuditVictim.ts")

interface Issued {
  readonly number: number
  readonly note: string
}

/** Lets a process write until it has issued so many heads, and kills it a moment later. */
const killed = (url: Url, folder: string, heads: number, ms: number) =>
  Effect.async<ReadonlyArray<Issued>>((resume) => {
    const child = spawn(process.execPath, ["--import", "tsx", victim, Redacted.value(url), folder], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    let said = ""
    child.stdout.on("data", (data) => {
      said += data
      if (said.split("\n").length > heads) setTimeout(() => child.kill("SIGKILL"), ms)
    })
    child.once(
      "exit",
      () => resume(Effect.succeed(said.split("\n").slice(0, -1).map((line): Issued => JSON.parse(line))))
    )
    return Effect.sync(() => void child.kill("SIGKILL"))
  })

/** Every head that ever left the process is among the kept ones, and each continues the one before. */
const verify = ({ key, store }: Context.Tag.Service<AuditLog>, issued: ReadonlyArray<Issued>) =>
  Effect.gen(function*() {
    const heads = yield* store.heads(0, 10_000)
    for (const { note, number } of issued) assert.strictEqual(heads[number - 1]?.note, note, `head ${number}`)
    let before: Checkpoint.Checkpoint | null = null
    for (const { note } of heads) {
      const head: Checkpoint.Checkpoint = Checkpoint.opened(note, key) ?? assert.fail("not signed")
      if (before !== null) {
        const proof = yield* TreeProof.consistency(store.tiles, before.size, head.size)
        assert.isTrue(verifyConsistency(before, head, proof), `${before.size} to ${head.size}`)
      }
      before = head
    }
    return heads.length
  })

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("the audit under harm", () => {
  const test = onServer()

  test(
    `G1 D3 a node killed ${kills} times issues one history of heads, and its audit is sound`,
    (url) =>
      Effect.gen(function*() {
        const folder = yield* temporaryFolder
        const issued: Array<Issued> = []
        for (let n = 0; n < kills; n++) {
          const before = issued.length
          issued.push(...yield* killed(url, folder, 3 + n, 13 * n))
          assert.isAbove(issued.length, before, "it went on where it was killed")
          yield* Effect.scoped(Effect.gen(function*() {
            const node = yield* start(url, folder)
            yield* node.log.signHead
            assert.isAtLeast(yield* verify(node.log, issued), issued.at(-1)!.number)
            const report = yield* reportOf(node, audit)
            assert.isTrue(report.sound, report.firstBad?.problem)
          }))
        }
      }),
    240_000
  )
})
