/**
 * Where bytes are kept that are too large for events: raw records, pictures, attachments, receipts.
 * Content-addressed per owner, compressed where that helps, sealed.
 *
 * K1  What was put is got back, byte for byte, by its owner alone.
 * K2  The same content of one owner is kept once.
 * K3  Altered or missing parts are found out, never handed on.
 * K5  Of an owner whose keys are not here nothing is kept or got back.
 * K6  What is forgotten is gone, and no other content with it; its key is destroyed before its bytes go.
 * K4  A content that is refused fails nobody else's, however many are put at once.
 */
import type { Locked } from "@vivim/crypto/Cipher"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"

/** The store cannot be reached, or what it holds is not what was put. */
export class ContentStoreError extends Schema.TaggedError<ContentStoreError>()("ContentStoreError", {
  doing: Schema.String,
  cause: Schema.Defect
}) {}

/** More bytes than one content may have; nothing of it was kept. */
export class ContentTooLarge extends Schema.TaggedError<ContentTooLarge>()("ContentTooLarge", { max: Schema.Int }) {}

export class ContentStore extends Context.Tag("@vivim/content-store/ContentStore")<ContentStore, {
  /** Keeps bytes that are at hand. */
  readonly put: (
    owner: string,
    bytes: Uint8Array,
    mime: string
  ) => Effect.Effect<ContentRef, Locked | ContentStoreError | ContentTooLarge>
  /** Keeps bytes as they come, a part at a time. `E` is the source's own failure: then nothing is kept. */
  readonly putStream: <E>(
    owner: string,
    bytes: Stream.Stream<Uint8Array, E>,
    mime: string
  ) => Effect.Effect<ContentRef, E | Locked | ContentStoreError | ContentTooLarge>
  /** The content with this hash, part by part, and what it is; null when this owner has none. */
  readonly get: (owner: string, hash: string) => Effect.Effect<
    { readonly ref: ContentRef; readonly bytes: Stream.Stream<Uint8Array, ContentStoreError> } | null,
    Locked | ContentStoreError
  >
  /** Forgets contents of an owner: `null` all of them, whichever they are. `destroy` is told the subject of each one's key first. */
  readonly forget: <E>(
    owner: string,
    hashes: ReadonlyArray<string> | null,
    destroy: (stream: string) => Effect.Effect<void, E>
  ) => Effect.Effect<void, E | Locked | ContentStoreError>
}>() {
  /** The twin in memory, for tests and trials. `bytesMax`: the most one content may have. */
  static readonly layerMemory = (options: { readonly bytesMax: number }): Layer.Layer<ContentStore> =>
    Layer.sync(ContentStore, () => inMemory(options.bytesMax))
}

/** The same promises, as plainly as they can be said. Nothing is sealed: nothing leaves the process. */
const inMemory = (bytesMax: number): ContentStore["Type"] => {
  const kept = new Map<string, { readonly ref: ContentRef; readonly bytes: Uint8Array }>()
  const nameOf = (owner: string, hash: string) => `${hash} ${owner}`
  const keep = (owner: string, bytes: Uint8Array, mime: string): ContentRef => {
    const hash = createHash("sha256").update(bytes).digest("hex")
    const name = nameOf(owner, hash)
    const ref = { hash, bytes: bytes.length, mime } as ContentRef
    if (!kept.has(name)) kept.set(name, { ref, bytes: Uint8Array.from(bytes) })
    return ref
  }
  const put: ContentStore["Type"]["put"] = (owner, bytes, mime) =>
    Effect.suspend(() =>
      bytes.length > bytesMax ? new ContentTooLarge({ max: bytesMax }) : Effect.succeed(keep(owner, bytes, mime))
    )
  return {
    put,
    putStream: (owner, bytes, mime) =>
      Effect.suspend(() => {
        let size = 0
        return bytes.pipe(
          Stream.mapEffect((chunk) => {
            size += chunk.length
            return size > bytesMax ? new ContentTooLarge({ max: bytesMax }) : Effect.succeed(Uint8Array.from(chunk))
          }),
          Stream.runCollect,
          Effect.flatMap((chunks) => put(owner, Buffer.concat([...chunks]), mime))
        )
      }),
    forget: (owner, hashes, destroy) =>
      Effect.gen(function*() {
        const names = hashes?.map((hash) => nameOf(owner, hash)) ??
          [...kept.keys()].filter((name) => name.endsWith(` ${owner}`))
        for (const name of names.filter((name) => kept.has(name))) {
          yield* destroy(`content/${name}`)
          kept.delete(name)
        }
      }),
    get: (owner, hash) =>
      Effect.sync(() => {
        const found = kept.get(nameOf(owner, hash))
        return found === undefined ? null : { ref: found.ref, bytes: Stream.sync(() => Uint8Array.from(found.bytes)) }
      })
  }
}
