/** Bytes of a file on disk: a stretch of it as a stream, or a few at one place. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Fs from "node:fs"
import type { Readable } from "node:stream"
import { SourceFailed } from "./ImportRefused.ts"
import * as SealedBytes from "./SealedBytes.ts"
import { CHUNK_BYTES } from "./Source.ts"

const open = (path: string, start: number, end: number): Readable =>
  SealedBytes.openedStream(path, start, Fs.createReadStream(path, { start, end: end - 1, highWaterMark: CHUNK_BYTES }))

export const FileBytes = {
  /** The same as `stretch`, as Node's own stream, to be piped. `end` lies behind `start`. */
  open,

  /** From `start` up to, not including, `end`; what the file does not have is not there. */
  stretch: (path: string, start: number, end: number): Stream.Stream<Uint8Array, SourceFailed> =>
    end <= start
      ? Stream.empty
      : Stream.suspend(() =>
        Stream.fromAsyncIterable(
          open(path, start, end) as AsyncIterable<Uint8Array>,
          (cause) => new SourceFailed({ name: path, cause })
        )
      ),

  /** At most `length` bytes at `position`. */
  at: (path: string, position: number, length: number): Effect.Effect<Uint8Array, SourceFailed> =>
    Effect.acquireUseRelease(
      Effect.tryPromise(() => Fs.promises.open(path, "r")),
      (file) =>
        Effect.tryPromise(() => file.read(Buffer.alloc(length), 0, length, position)).pipe(
          Effect.map(({ buffer, bytesRead }) => SealedBytes.opened(path, position, buffer.subarray(0, bytesRead)))
        ),
      (file) => Effect.promise(() => file.close())
    ).pipe(Effect.mapError((cause) => new SourceFailed({ name: path, cause })))
} as const
