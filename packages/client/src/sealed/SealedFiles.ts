/** Kept files of a node, as a client reads and keeps them: what a conversation's pictures and attachments are sealed from, and into. */
import { ContentRef } from "@vivim/event-schemas/document/Message"
import type { ContentHash } from "@vivim/event-schemas/ids"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { NodeSession } from "../NodeSession.ts"

/** A file could not be read or kept just now; `message` says why. */
export class FileAway extends Schema.TaggedError<FileAway>()("FileAway", { message: Schema.String }) {}

export class SealedFiles extends Context.Tag("@vivim/client/sealed/SealedFiles")<SealedFiles, {
  /** The bytes with this hash; null where the node has none. */
  readonly read: (hash: ContentHash) => Effect.Effect<Uint8Array | null, FileAway>
  readonly keep: (bytes: Uint8Array, mime: string) => Effect.Effect<ContentRef, FileAway>
}>() {
  /** As whoever these headers speak for. */
  static readonly make = (
    origin: string,
    headers: NodeSession["Type"]["headers"]
  ): SealedFiles["Type"] => {
    const ask = (method: "GET" | "POST", path: string, bytes?: Uint8Array) =>
      Effect.flatMap(
        headers({ method, url: `${origin}${path}` }),
        (headers) =>
          Effect.tryPromise((signal) =>
            fetch(`${origin}${path}`, {
              method,
              headers: Object.fromEntries(headers),
              signal,
              ...bytes === undefined ? {} : { body: bytes as Uint8Array<ArrayBuffer> }
            })
          )
      ).pipe(Effect.mapError(() => new FileAway({ message: "The node does not answer: a file could not be moved." })))
    const refused = ({ status }: Response) =>
      new FileAway({
        message: status === 413
          ? "A file of the conversation is larger than the node takes."
          : `The node did not take or give a file (${status}).`
      })
    return {
      read: (hash) =>
        Effect.flatMap(ask("GET", `/api/v1/content/${hash}`), (response) =>
          response.status === 404
            ? Effect.succeed(null)
            : response.ok
            ? Effect.mapBoth(Effect.tryPromise(() => response.arrayBuffer()), {
              onFailure: () => refused(response),
              onSuccess: (bytes) => new Uint8Array(bytes)
            })
            : refused(response)),
      keep: (bytes, mime) =>
        Effect.flatMap(ask("POST", `/api/v1/content?mime=${encodeURIComponent(mime)}`, bytes), (response) =>
          response.ok
            ? Effect.tryPromise(() => response.json()).pipe(
              Effect.flatMap(Schema.decodeUnknown(ContentRef)),
              Effect.mapError(() => refused(response))
            )
            : refused(response))
    }
  }

  static readonly layer: Layer.Layer<SealedFiles, never, NodeSession> = Layer.effect(
    SealedFiles,
    Effect.map(NodeSession, ({ headers, origin }) => SealedFiles.make(origin, headers))
  )
}
