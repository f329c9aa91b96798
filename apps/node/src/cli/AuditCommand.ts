/** `vivim audit`: verifies the whole log, its tree and its signed heads, and names the first thing that is not as it was written. */
import * as Command from "@effect/cli/Command"
import { VivimClient } from "@vivim/client/VivimClient"
import type { AuditReport } from "@vivim/contract/Operator"
import * as Effect from "effect/Effect"
import { exportCommand, verifyCommand } from "./AuditBundle.ts"
import { consistencyCommand, headCommand, inclusionCommand } from "./AuditProofs.ts"
import { witnessCommand } from "./AuditWitness.ts"
import { couldNot, print, printJson } from "./Ended.ts"
import { finish } from "./Finish.ts"
import { withNode } from "./NodeConnection.ts"
import { json } from "./Switches.ts"

const names = { event: "event", tree: "place in the tree", head: "signed head" } as const

const page = ({ events, firstBad, head, sound, streams, tree }: AuditReport) =>
  sound || firstBad === null
    ? [
      `Sound: ${events} events in ${streams} streams, as ${
        tree.heads === 1 ? "one signed head says" : `${tree.heads} signed heads say`
      }.`,
      `Proven out of the tree: ${tree.inclusions} events to be in it, ${tree.consistencies} heads to continue the one before.`,
      `Digest at ${head.position}: ${head.digest}`,
      `Root of ${tree.size}:   ${tree.root}`
    ].join("\n")
    : `NOT sound. First bad ${names[firstBad.what]}: position ${firstBad.position}` +
      `${firstBad.stream === null ? "" : `, ${firstBad.stream}@${firstBad.version}`}: ${firstBad.problem}.`

const advice = {
  event: "The log was altered; the events before the named one are as they were written.",
  tree: "The tree was altered; the events before the named one are as they were written.",
  head: "The events and their tree agree, but the signed heads were altered: others' copies of them will say more."
} as const

export const auditCommand = Command.make(
  "audit",
  { json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const report = yield* finish(node.AuditLog({}), "AuditReport")
        yield* given.json ? printJson(report) : print(page(report))
        if (!report.sound) return yield* couldNot(advice[report.firstBad?.what ?? "event"])
      }))
).pipe(
  Command.withDescription("Verify the log, its tree and its signed heads; prove, export and verify parts of it"),
  Command.withSubcommands([
    headCommand,
    inclusionCommand,
    consistencyCommand,
    witnessCommand,
    exportCommand,
    verifyCommand
  ])
)
