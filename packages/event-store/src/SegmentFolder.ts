/** Segments as files of one folder (see SegmentStore.ts): written beside their name, flushed, and only then given it. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import { cutOff, SegmentStore, SegmentUnreadable } from "./SegmentStore.ts"

/** What a put that was cut off leaves behind; the next one of the same name writes over it. */
const unfinished = ".writing"

const attempt = <A>(name: string, work: () => Promise<A>): Effect.Effect<A, SegmentUnreadable> =>
  Effect.tryPromise({
    try: work,
    catch: (cause) => {
      const { code, message } = cause as NodeJS.ErrnoException
      return new SegmentUnreadable({ name, problem: code === "ENOENT" ? "is missing" : `cannot be used: ${message}` })
    }
  })

const opened = (file: string, flags: string): Effect.Effect<fs.FileHandle, SegmentUnreadable, Scope.Scope> =>
  Effect.acquireRelease(
    attempt(file, () => fs.open(file, flags, 0o600)),
    (handle) => Effect.ignore(attempt(file, () => handle.close()))
  )

/** A name survives a crash of the machine only when its folder was flushed, too. */
const flush = (folder: string) =>
  Effect.scoped(Effect.flatMap(opened(folder, "r"), (handle) => attempt(folder, () => handle.sync())))

const readRange = (file: string, from: number, bytes: number) =>
  Effect.gen(function*() {
    const handle = yield* opened(file, "r")
    const into = Buffer.allocUnsafe(bytes)
    for (let at = 0; at < bytes;) {
      const { bytesRead } = yield* attempt(file, () => handle.read(into, at, bytes - at, from + at))
      if (bytesRead === 0) return yield* cutOff(file, from + at, from + bytes)
      at += bytesRead
    }
    return into
  }).pipe(Effect.scoped)

const write = <E, R>(folder: string, file: string, bytes: Stream.Stream<Uint8Array, E, R>) =>
  Effect.gen(function*() {
    yield* attempt(file, () => fs.mkdir(folder, { recursive: true, mode: 0o700 }))
    const handle = yield* opened(file + unfinished, "w")
    let written = 0
    yield* Stream.runForEach(bytes, (part) => {
      written += part.length
      return attempt(file, () => handle.writeFile(part))
    })
    yield* attempt(file, () => handle.sync())
    yield* attempt(file, () => fs.rename(file + unfinished, file))
    yield* flush(folder)
    return written
  }).pipe(
    Effect.scoped,
    Effect.onError(() => Effect.ignore(attempt(file, () => fs.rm(file + unfinished, { force: true }))))
  )

const listed = (folder: string) =>
  Effect.gen(function*() {
    const names = yield* attempt(folder, () =>
      fs.readdir(folder).catch((error: NodeJS.ErrnoException): ReadonlyArray<string> => {
        if (error.code === "ENOENT") {
          return []
        }
        throw error
      }))
    return yield* Effect.forEach(
      names.filter((name) =>
        !name.endsWith(unfinished)
      ).toSorted(),
      (name) =>
        Effect.map(attempt(name, () => fs.stat(path.join(folder, name))), ({ size }) => ({ name, bytes: size })),
      { concurrency: 8 }
    )
  })

/** The folder is made when it is first written to. */
export const layer = (folder: string): Layer.Layer<SegmentStore> => {
  const fileOf = (name: string) => path.join(folder, name)
  return Layer.succeed(SegmentStore, {
    put: (name, bytes) => write(folder, fileOf(name), bytes),
    range: (name, from, bytes) => readRange(fileOf(name), from, bytes),
    list: listed(folder),
    remove: (name) => Effect.zipRight(attempt(fileOf(name), () => fs.rm(fileOf(name), { force: true })), flush(folder))
  })
}
