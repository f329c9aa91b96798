/** `vivim trash`: what is in it; `trash put` and `trash restore` for a conversation. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { VivimClient } from "@vivim/client/VivimClient"
import type { TrashedConversation } from "@vivim/contract/Trash"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { DocumentId } from "@vivim/event-schemas/ids"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { print, printJson, refused } from "./Ended.ts"
import { withNode } from "./NodeConnection.ts"
import { actAs, json } from "./Switches.ts"

const conversation = Args.text({ name: "conversation" }).pipe(
  Args.withDescription("The id of the conversation, as `vivim search` shows it")
)
const keep = Options.text("keep").pipe(
  Options.withDescription("How long it can be restored, such as \"7 days\"; thirty days unless given"),
  Options.optional
)

const day = (millis: number) => DateTime.formatIso(DateTime.unsafeMake(millis))
const line = ({ documentId, purgeAt, trashedAt }: TrashedConversation) =>
  `${documentId}  put there ${day(trashedAt)}, deleted ${day(purgeAt)}`

const idOf = (given: string) =>
  Effect.mapError(
    Schema.decodeUnknown(DocumentId)(given),
    () => refused(`"${given}" is not the id of a conversation.`)
  )

const keepMsOf = (given: Option.Option<string>) =>
  Option.match(given, {
    onNone: () => Effect.succeed({}),
    onSome: (text) =>
      Effect.mapError(
        Effect.map(
          Schema.decodeUnknown(Schema.NumberFromString)(text).pipe(
            Effect.catchAll(() => Effect.try(() => Duration.toMillis(Duration.decode(text as Duration.DurationInput))))
          ),
          (keepMs) => ({ keepMs })
        ),
        () => refused(`--keep takes a duration such as "7 days", not "${text}".`)
      )
  })

/** What the node says no to, in words. */
const explained = {
  NoSuchDocument: ({ documentId }: { readonly documentId: string }) =>
    refused(`There is no conversation ${documentId}.`),
  DocumentDeleted: ({ documentId }: { readonly documentId: string }) => refused(`${documentId} is deleted for good.`),
  InTrash: ({ documentId, purgeAt }: { readonly documentId: string; readonly purgeAt: number }) =>
    refused(`${documentId} is in the trash already, until ${day(purgeAt)}.`),
  NotInTrash: ({ documentId }: { readonly documentId: string }) => refused(`${documentId} is not in the trash.`)
}

const put = Command.make(
  "put",
  { conversation, keep, actAs, json },
  (given) =>
    withNode(Option.getOrUndefined(given.actAs), () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const documentId = yield* idOf(given.conversation)
        const { DocumentDeleted, InTrash, NoSuchDocument } = explained
        const receipt = yield* node.TrashConversation({
          commandId: yield* CommandIds.next,
          documentId,
          ...yield* keepMsOf(given.keep)
        }).pipe(Effect.catchTags({ DocumentDeleted, InTrash, NoSuchDocument }))
        yield* given.json
          ? printJson(receipt)
          : print(`${documentId} is in the trash. Back again: vivim trash restore ${documentId}`)
      }))
).pipe(Command.withDescription("Delete a conversation later; until then it can be restored"))

const restore = Command.make(
  "restore",
  { conversation, actAs, json },
  (given) =>
    withNode(Option.getOrUndefined(given.actAs), () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const documentId = yield* idOf(given.conversation)
        const { DocumentDeleted, NoSuchDocument, NotInTrash } = explained
        const receipt = yield* node.RestoreConversation({ commandId: yield* CommandIds.next, documentId }).pipe(
          Effect.catchTags({ DocumentDeleted, NoSuchDocument, NotInTrash })
        )
        yield* given.json ? printJson(receipt) : print(`${documentId} is back.`)
      }))
).pipe(Command.withDescription("Take a conversation out of the trash, as it was"))

export const trashCommand = Command.make(
  "trash",
  { actAs, json },
  (given) =>
    withNode(Option.getOrUndefined(given.actAs), () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const trash = Option.getOrElse(yield* Stream.runHead(node.WatchTrash({})), () => [])
        yield* given.json
          ? printJson(trash)
          : print(trash.length === 0 ? "The trash is empty." : trash.map(line).join("\n"))
      }))
).pipe(
  Command.withDescription("What is in the trash, and until when"),
  Command.withSubcommands([put, restore])
)
