/** The integrator's quick start: connects to a node, opens a conversation, tags it, and watches the tag arrive. */
import * as Socket from "@effect/platform-node/NodeSocket"
import { VivimClient } from "@vivim/client/VivimClient"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { DocumentId, Tag, Title } from "@vivim/event-schemas/ids"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

const [url = "ws://127.0.0.1:4100/rpc", token = ""] = process.argv.slice(2)
const client = VivimClient.layer({ url, token: Redacted.make(token) }).pipe(
  Layer.provide(Socket.layerWebSocketConstructor)
)

const quickStart = Effect.gen(function*() {
  const node = yield* VivimClient
  const documentId = DocumentId.make("my-first-conversation")

  // A command carries an id: repeat it with the same id until it is answered, and it happens once.
  const opening = { commandId: yield* CommandIds.next, documentId, title: Title.make("Hello, VIVIM") }
  const receipt = yield* node.StartConversation(opening)
  const again = yield* node.StartConversation(opening)
  yield* Console.log("opened at position", receipt.position, "and, asked again, at", again.position)

  // A watch answers now, and again whenever the answer changes.
  const tagged = yield* node.WatchConversation({ documentId }).pipe(
    Stream.filter(({ summary }) => summary.tags.includes("greeting")),
    Stream.runHead,
    Effect.retry({ while: (error) => error._tag === "NoSuchDocument", times: 100 }),
    Effect.fork
  )
  yield* node.AwaitPosition({ position: receipt.position })
  yield* node.TagConversation({ commandId: yield* CommandIds.next, documentId, tag: Tag.make("greeting") })
  yield* tagged
  yield* Console.log("the tag arrived")

  // A refusal is a typed answer.
  const refusal = yield* Effect.flip(
    node.TagConversation({ commandId: yield* CommandIds.next, documentId, tag: Tag.make("greeting") })
  )
  yield* Console.log("a second tag is refused:", refusal._tag)
})

quickStart.pipe(Effect.provide(client), Effect.runPromise)
