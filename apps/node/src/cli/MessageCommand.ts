/** `vivim message delete`: one message of a conversation, for good. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import { VivimClient } from "@vivim/client/VivimClient"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { DocumentId, MessageId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { print, printJson, refused } from "./Ended.ts"
import { withNode } from "./NodeConnection.ts"
import { actAs, json } from "./Switches.ts"

const conversation = Args.text({ name: "conversation" }).pipe(
  Args.withDescription("The id of the conversation, as `vivim search --json` shows it")
)
const message = Args.text({ name: "message" }).pipe(
  Args.withDescription("The id of the message in it, as `vivim search --json` shows it")
)

const named = <A>(schema: Schema.Schema<A, string>, given: string, what: string) =>
  Effect.mapError(Schema.decodeUnknown(schema)(given), () => refused(`"${given}" is not the id of a ${what}.`))

const remove = Command.make(
  "delete",
  { conversation, message, actAs, json },
  (given) =>
    withNode(Option.getOrUndefined(given.actAs), () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const documentId = yield* named(DocumentId, given.conversation, "conversation")
        const messageId = yield* named(MessageId, given.message, "message")
        const receipt = yield* node.DeleteMessage({ commandId: yield* CommandIds.next, documentId, messageId }).pipe(
          Effect.catchTags({
            NoSuchDocument: () => refused(`There is no conversation ${documentId}.`),
            NoSuchMessage: () => refused(`There is no message ${messageId} in it.`),
            DocumentDeleted: () => refused(`${documentId} is deleted for good.`)
          })
        )
        yield* given.json ? printJson(receipt) : print(`${messageId} is deleted for good.`)
      }))
).pipe(Command.withDescription("Delete one message, for good; what was said after it stays"))

export const messageCommand = Command.make("message").pipe(
  Command.withDescription("Single messages: delete"),
  Command.withSubcommands([remove])
)
