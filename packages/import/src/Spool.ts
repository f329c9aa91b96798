/**
 * Where a file waits for its import, with what is done of it: a folder per import, gone when the receipt is written.
 * A node that was killed finds here what it was working on.
 *
 * L1  A file is in the spool whole or not at all.
 * L2  What was noted as done survives a crash, but for a last line that was cut.
 */
import { Did, ImportId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as path from "node:path"

/** What the import is, as its folder says. */
export const Job = Schema.Struct({
  importId: ImportId,
  owner: Did,
  name: Schema.String,
  bytes: Schema.Int,
  startedAt: Schema.Int
})
export type Job = typeof Job.Type

/** The spool cannot be written to or read: the disk is full, or away. */
export class SpoolError extends Schema.TaggedError<SpoolError>()("SpoolError", {
  doing: Schema.String,
  cause: Schema.Defect
}) {}

/** More bytes than one import may have; nothing was kept. */
export class UploadTooLarge extends Schema.TaggedError<UploadTooLarge>()("UploadTooLarge", { max: Schema.Number }) {}

const doing = <A>(what: string, work: () => A): Effect.Effect<A, SpoolError> =>
  Effect.try({ try: work, catch: (cause) => new SpoolError({ doing: what, cause }) })

export interface Spool {
  /** Takes a file in, whole, and says how many bytes it has. */
  readonly take: <E>(
    job: Omit<Job, "bytes">,
    bytes: Stream.Stream<Uint8Array, E>,
    bytesMax: number
  ) => Effect.Effect<Job, E | SpoolError | UploadTooLarge>
  readonly file: (importId: ImportId) => string
  /** Whether a file or anything else of this import lies here, readable or not. */
  readonly has: (importId: ImportId) => Effect.Effect<boolean, SpoolError>
  /** Every import that did not end; leftovers of broken uploads are removed. */
  readonly waiting: Effect.Effect<ReadonlyArray<Job>, SpoolError>
  /** Notes lines as done, in order. */
  readonly note: (importId: ImportId, lines: ReadonlyArray<unknown>) => Effect.Effect<void, SpoolError>
  readonly noted: (importId: ImportId) => Effect.Effect<ReadonlyArray<unknown>, SpoolError>
  readonly remove: (importId: ImportId) => Effect.Effect<void, SpoolError>
}

const decodeJob = Schema.decodeUnknownOption(Schema.parseJson(Job))

export const make = (directory: string): Spool => {
  const at = (importId: string, name: string) => path.join(directory, importId, name)
  const remove = (importId: string) =>
    doing(
      "remove an import's folder",
      () => fs.rmSync(path.join(directory, importId), { recursive: true, force: true })
    )

  /** What the import is; "broken" when its upload never came to an end. */
  const jobIn = (folder: string): Option.Option<Job> | "broken" => {
    const file = at(folder, "job.json")
    return fs.existsSync(file) ? decodeJob(fs.readFileSync(file, "utf8")) : "broken"
  }

  return {
    file: (importId) => at(importId, "file"),
    take: (job, bytes, bytesMax) => {
      const folder = Effect.acquireRelease(
        doing("make an import's folder", () => makeFolder(directory, job.importId)),
        (_, exit) => Exit.isSuccess(exit) ? Effect.void : Effect.ignore(remove(job.importId))
      )
      return Effect.scoped(Effect.zipRight(folder, take(at, job, bytes, bytesMax)))
    },
    has: (importId) => doing("look for an import's folder", () => fs.existsSync(path.join(directory, importId))),
    waiting: Effect.gen(function*() {
      const folders = yield* doing("list the spool", () => fs.existsSync(directory) ? fs.readdirSync(directory) : [])
      const jobs: Array<Job> = []
      for (const folder of folders) {
        const job = yield* doing("read an import's folder", () => jobIn(folder))
        if (job === "broken") yield* remove(folder)
        else if (Option.isSome(job)) jobs.push(job.value)
        // Another build wrote it, or a hand: its file is somebody's, and stays.
        else {yield* Effect.logWarning(
            `the import in ${path.join(directory, folder)} cannot be read, and is passed over`
          )}
      }
      return jobs.toSorted((a, b) => a.startedAt - b.startedAt)
    }),
    note: (importId, lines) =>
      doing(
        "note what is done",
        () =>
          fs.appendFileSync(at(importId, "done.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""), {
            mode: 0o600
          })
      ),
    noted: (importId) => doing("read what is done", () => readLines(at(importId, "done.jsonl"))),
    remove
  }
}

/** Whole lines only: the last one may have been cut by a crash. What is left of it is taken away, or the next note would end it. */
const readLines = (file: string): ReadonlyArray<unknown> => {
  if (!fs.existsSync(file)) return []
  const bytes = fs.readFileSync(file)
  const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1)
  if (whole.length < bytes.length) fs.truncateSync(file, whole.length)
  return whole.toString("utf8").split("\n").slice(0, -1).map((line) => JSON.parse(line))
}

/** Fails when it is there: no import takes the place of another. */
const makeFolder = (directory: string, importId: string) => {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  fs.mkdirSync(path.join(directory, importId), { mode: 0o700 })
}

/** A disk that fills up takes a part, says so, and fails the next time. */
const writeAll = (handle: number, bytes: Uint8Array) => {
  for (let at = 0; at < bytes.length;) at += fs.writeSync(handle, bytes, at)
}

/** A new name in a folder is there after a power cut once the folder itself is on the disk. */
const settle = (folder: string) => {
  if (process.platform === "win32") return
  const handle = fs.openSync(folder, "r")
  try {
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}

const take = Effect.fnUntraced(function*<E>(
  at: (importId: string, name: string) => string,
  job: Omit<Job, "bytes">,
  bytes: Stream.Stream<Uint8Array, E>,
  bytesMax: number
) {
  const file = at(job.importId, "file")
  const handle = yield* Effect.acquireRelease(
    doing("open a file in the spool", () => fs.openSync(file, "wx", 0o600)),
    (opened) => Effect.sync(() => fs.closeSync(opened))
  )
  let total = 0
  yield* Stream.runForEach(bytes, (chunk): Effect.Effect<unknown, SpoolError | UploadTooLarge> => {
    total += chunk.length
    return total > bytesMax
      ? new UploadTooLarge({ max: bytesMax })
      : doing("write to the spool", () => writeAll(handle, chunk))
  })
  const whole: Job = { ...job, bytes: total }
  yield* doing("finish a file in the spool", () => {
    fs.fsyncSync(handle)
    // The job's page comes last, under its name only when it is whole: it says that the file is.
    fs.writeFileSync(at(job.importId, "job.new"), JSON.stringify(whole), { mode: 0o600, flush: true })
    fs.renameSync(at(job.importId, "job.new"), at(job.importId, "job.json"))
    settle(path.dirname(file))
    settle(path.dirname(path.dirname(file)))
  })
  return whole
})
