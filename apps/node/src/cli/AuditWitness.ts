/**
 * `vivim audit witness <file>`: remembers the newest head somewhere the node cannot reach, and each time makes sure that the log of
 * now continues the one of then. Whoever keeps the file notices a log that was cut off or written anew, whatever the node says.
 */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Checkpoint from "@vivim/audit/Checkpoint"
import { verifyConsistency } from "@vivim/audit/MerkleTree"
import { readKey } from "@vivim/audit/SignedNote"
import { VivimClient } from "@vivim/client/VivimClient"
import { SignedTreeHead } from "@vivim/contract/Audit"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as fs from "node:fs"
import * as path from "node:path"
import { checkpointOf, explained } from "./AuditProofs.ts"
import { couldNot, print, printJson, refused } from "./Ended.ts"
import { withNode } from "./NodeConnection.ts"
import { json } from "./Switches.ts"

const file = Args.text({ name: "file" }).pipe(Args.withDescription("Where the newest witnessed head is kept"))

const remembered = (at: string) =>
  Effect.try({
    try: () =>
      fs.existsSync(at)
        ? Schema.decodeUnknownSync(Schema.parseJson(SignedTreeHead))(fs.readFileSync(at, "utf8"))
        : null,
    catch: () => refused(`${at} holds no witnessed head: name the file this command wrote, or a new one.`)
  })

const remember = (at: string, head: SignedTreeHead) =>
  Effect.try({
    try: () => {
      const fresh = `${at}.${process.pid}.new`
      fs.writeFileSync(fresh, `${JSON.stringify(head)}\n`, { flag: "wx", flush: true })
      fs.renameSync(fresh, at)
    },
    catch: (cause) => couldNot(`${at} cannot be written (${(cause as NodeJS.ErrnoException).code ?? cause}).`)
  })

/** The new head, under the key that was seen first, and with a proof that it continues the one that is remembered. */
const continued = Effect.fnUntraced(function*(old: SignedTreeHead, now: SignedTreeHead) {
  const node = yield* VivimClient
  const key = readKey(old.key)
  const before = yield* checkpointOf(old)
  const after = key === null ? null : Checkpoint.opened(now.note, key)
  if (after === null) {
    return yield* couldNot("The newest head is not of the log that was witnessed, or another key signed it.")
  }
  const proof = yield* explained(node.ProveConsistency({ from: old.number, to: now.number }))
  if (!verifyConsistency(before, after, proof.path.map((hash) => Buffer.from(hash, "base64")))) {
    return yield* couldNot(
      `The log of ${after.size} events does not continue the one of ${before.size} that was witnessed: it was cut off or written anew.`
    )
  }
})

export const witnessCommand = Command.make("witness", { file, json }, (given) =>
  Effect.gen(function*() {
    const at = path.resolve(given.file)
    const old = yield* remembered(at)
    const now = yield* withNode(undefined, () =>
      Effect.gen(function*() {
        const head = yield* explained(Effect.flatMap(VivimClient, (node) => node.SignTreeHead({})))
        yield* old === null ? checkpointOf(head) : continued(old, head)
        return head
      }))
    yield* remember(at, now)
    yield* given.json
      ? printJson(now)
      : print(
        old === null
          ? `Witnessed head ${now.number} over ${now.size} events, for the first time. Key: ${now.key}`
          : `Witnessed head ${now.number} over ${now.size} events: it continues head ${old.number} over ${old.size}.`
      )
  })).pipe(Command.withDescription("Remember the newest head in a file, and prove that it continues the last one"))
