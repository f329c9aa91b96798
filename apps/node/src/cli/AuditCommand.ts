/** `vivim audit`: verifies the whole log, and names the first event that is not as it was written. */
import * as Command from "@effect/cli/Command"
import { VivimClient } from "@vivim/client/VivimClient"
import type { AuditReport } from "@vivim/contract/Operator"
import * as Effect from "effect/Effect"
import { couldNot, print, printJson } from "./Ended.ts"
import { finish } from "./Finish.ts"
import { withNode } from "./NodeConnection.ts"
import { json } from "./Switches.ts"

const page = (report: AuditReport) =>
  report.sound
    ? `Sound: ${report.events} events in ${report.streams} streams.\nDigest at ${report.head.position}: ${report.head.digest}`
    : `NOT sound. First bad event: position ${report.firstBad?.position}` +
      `${
        report.firstBad?.stream === null ? "" : `, ${report.firstBad?.stream}@${report.firstBad?.version}`
      }: ${report.firstBad?.problem}.`

export const auditCommand = Command.make(
  "audit",
  { json },
  (given) =>
    withNode(undefined, () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const report = yield* finish(node.AuditLog({}), "AuditReport")
        yield* given.json ? printJson(report) : print(page(report))
        if (!report.sound) {
          return yield* couldNot("The log was altered; the events before the named one are as they were written.")
        }
      }))
).pipe(Command.withDescription("Verify every hash, chain and position of the log"))
