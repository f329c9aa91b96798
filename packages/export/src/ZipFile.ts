/**
 * A zip as it is made: its entries one behind the other, each counted and hashed on its way, none of it held.
 *
 * Z1  What is unpacked is what was put in, with the sums that were told of it.
 * Z2  Nothing is made faster than it is taken, and what fails in the middle ends the zip without its table of contents.
 */
import * as NodeStream from "@effect/platform-node/NodeStream"
import type { FileEntry } from "@vivim/contract/AccountFile"
import type { ContentHash } from "@vivim/event-schemas/ids"
import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import type { Readable } from "node:stream"
import { ZipFile } from "yazl"

/** What goes in; `isPacked`: it would only grow. */
export interface Entry<E, R> {
  readonly name: string
  readonly bytes: Stream.Stream<Uint8Array, E, R>
  readonly isPacked?: boolean
}

/** The zip could not be made to its end. */
export class ZipBroken extends Data.TaggedError("ZipBroken")<{ readonly cause: unknown }> {}

/** Puts one entry in, and waits until it has gone out. */
const put = <E, R>(zip: ZipFile, mtime: Date, { bytes, isPacked = false, name }: Entry<E, R>) =>
  Effect.gen(function*() {
    const digest = createHash("sha256")
    let length = 0
    const counted = Stream.map(bytes, (chunk) => {
      digest.update(chunk)
      length += chunk.length
      return chunk
    })
    const readable: Readable = yield* NodeStream.toReadable(counted)
    yield* Effect.async<void, ZipBroken>((resume) => {
      readable.once("error", (cause) => resume(new ZipBroken({ cause })))
      readable.once("end", () => resume(Effect.void))
      zip.addReadStream(readable, name, { mtime, compress: !isPacked })
      return Effect.sync(() => readable.destroy())
    })
    return { name, bytes: length, sha256: digest.digest("hex") as ContentHash } satisfies FileEntry
  })

export interface Parts<E, R> {
  readonly at: number
  /** Small, and so that it can be read without any of what follows. */
  readonly first: { readonly name: string; readonly bytes: Uint8Array }
  readonly entries: Stream.Stream<Entry<E, R>, E, R>
  /** Told of all entries when they are in. */
  readonly last: (entries: ReadonlyArray<FileEntry>) => Effect.Effect<Entry<never, never>, E, R>
}

const sumsOf = ({ bytes, name }: Parts<never, never>["first"]): FileEntry => ({
  name,
  bytes: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex") as ContentHash
})

export const make = <E, R>({ at, entries, first, last }: Parts<E, R>): Stream.Stream<Uint8Array, E | ZipBroken, R> =>
  Stream.unwrapScoped(Effect.gen(function*() {
    const zip = new ZipFile()
    const mtime = DateTime.toDateUtc(DateTime.unsafeMake(at))
    const output = zip.outputStream as Readable
    // What fails is told by whoever put it in.
    zip.on("error", () => {})
    zip.addBuffer(Buffer.from(first.bytes), first.name, { mtime, compress: false })
    const done = [sumsOf(first)]
    const work = Stream.runForEach(entries, (entry) => Effect.map(put(zip, mtime, entry), (sums) => done.push(sums)))
      .pipe(
        Effect.zipRight(Effect.suspend(() => last(done))),
        Effect.flatMap((entry) => put(zip, mtime, entry)),
        Effect.zipRight(Effect.sync(() => zip.end())),
        Effect.tapErrorCause((cause) => Effect.sync(() => output.destroy(new Error("the zip is broken", { cause }))))
      )
    yield* Effect.forkScoped(work)
    return NodeStream.fromReadable<ZipBroken, Uint8Array>(() => output, (cause) => new ZipBroken({ cause }))
  }))
