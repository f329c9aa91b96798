/** `vivim import <file|directory>`: hands files to the node, shows how far it is, and prints the receipt. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { VivimClient } from "@vivim/client/VivimClient"
import type { ImportStatus } from "@vivim/contract/Import"
import type { ImportReceipt } from "@vivim/contract/ImportReceipt"
import type { ImportId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { couldNot, print, printJson, refused, say } from "./Ended.ts"
import { type Reached, withNode } from "./NodeConnection.ts"
import * as ProgressLine from "./ProgressLine.ts"
import * as Receipts from "./Receipts.ts"
import { actAs, json } from "./Switches.ts"
import * as Upload from "./Upload.ts"

const path = Args.text({ name: "file|directory" }).pipe(
  Args.withDescription("An export (zip or JSON), a Markdown transcript, or a folder of them")
)

/** How long a node that went away may take to come back before the command gives up; the import itself goes on. */
const AwayMax = "60 seconds"

const line = ({ bytes, counts, format }: ImportStatus) =>
  `${format ?? "reading"}: ${
    ProgressLine.of(bytes.read, bytes.total)
  }, ${counts.conversations.found} conversations, ${counts.nodes.found} nodes`

/** Watches an import to its end; a node that is started again is simply asked again. */
const follow = (importId: ImportId) =>
  Effect.gen(function*() {
    const node = yield* VivimClient
    const progress = yield* ProgressLine.make
    let last: ImportStatus | null = null
    yield* node.WatchImport({ importId }).pipe(
      Stream.tap((status) => {
        last = status
        return progress.show(line(status))
      }),
      Stream.takeUntil(({ state }) => state !== "running"),
      Stream.runDrain,
      // A node that was just started knows its imports when it has read its log.
      Effect.retry({
        while: ({ _tag }) => _tag === "NoSuchImport",
        schedule: Schedule.spaced("500 millis").pipe(Schedule.intersect(Schedule.recurUpTo(AwayMax)))
      }),
      Effect.catchTag("Unavailable", () =>
        couldNot(`The node went away; the import ${importId} goes on when it is started again.`)),
      Effect.ensuring(progress.end)
    )
    return last as unknown as ImportStatus
  })

const receiptOf = Effect.fnUntraced(function*(status: ImportStatus) {
  const node = yield* VivimClient
  if (status.state === "refused") return yield* refused(`Not imported: ${status.refusal}`)
  return yield* node.ReadImportReceipt({ importId: status.importId }).pipe(
    Effect.retry(Schedule.spaced("200 millis").pipe(Schedule.intersect(Schedule.recurs(25))))
  )
})

/** An account named here that is new is opened: importing is how one comes to be on a local node. */
const ensureAccount = ({ actAs, headers, origin }: Reached) =>
  actAs === undefined ? Effect.void : Effect.gen(function*() {
    const response = yield* Effect.tryPromise({
      try: () =>
        fetch(`${origin}/api/v1/local/accounts/${encodeURIComponent(actAs)}`, {
          method: "PUT",
          // Whoever runs the node opens the account: it is not there yet to be spoken for.
          headers: { authorization: headers["authorization"]! }
        }),
      catch: () => couldNot("The connection to the node was lost.")
    })
    if (response.status === 201) yield* say(`Opened the account "${actAs}".`)
    if (response.ok) return
    const body = yield* Effect.promise(() => response.json() as Promise<{ readonly message?: string }>)
    return yield* refused(body.message ?? `The node refuses the account "${actAs}".`)
  })

export const importCommand = Command.make("import", { path, actAs, json }, (given) =>
  Effect.gen(function*() {
    const parts = yield* Upload.partsOf(given.path)
    const work = (reached: Reached) =>
      Effect.gen(function*() {
        yield* ensureAccount(reached)
        const receipts: Array<ImportReceipt> = []
        for (const part of parts) {
          const importId = yield* Upload.send(reached, part)
          receipts.push(yield* Effect.flatMap(follow(importId), receiptOf))
        }
        const receipt = Receipts.merge(receipts)
        yield* given.json ? printJson(receipt) : print(Receipts.page(receipt))
      })
    yield* withNode(Option.getOrUndefined(given.actAs), work, AwayMax)
  })).pipe(Command.withDescription("Import an export of AI chats"))
