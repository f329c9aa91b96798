/**
 * Where a file waits for its import, with what is done of it: a folder per import, gone when the receipt is written.
 * A node that was killed finds here what it was working on.
 *
 * L1  A file is in the spool whole or not at all.
 * L3  Where there are keys, nothing of a file, its name, or what is noted of it lies open, and it waits for its owner's keys.
 * L2  What was noted as done survives a crash, but for a last line that was cut.
 */
import type { KeyFailure, Locked } from "@vivim/crypto/Cipher"
import { Did, ImportId } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as path from "node:path"
import * as SealedBytes from "./SealedBytes.ts"
import * as SpoolSeal from "./SpoolSeal.ts"

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
  ) => Effect.Effect<Job, E | SpoolError | UploadTooLarge | Locked>
  readonly file: (importId: ImportId) => string
  /** A waiting import as its owner knows it, ready to be read. */
  readonly unseal: (job: Job) => Effect.Effect<Job, SpoolError | Locked>
  /** Whether a file or anything else of this import lies here, readable or not. */
  readonly has: (importId: ImportId) => Effect.Effect<boolean, SpoolError>
  /** Every import that did not end, without its name where that is sealed; leftovers of broken uploads are removed. */
  readonly waiting: Effect.Effect<ReadonlyArray<Job>, SpoolError>
  /** Notes lines as done, in order. */
  readonly note: (importId: ImportId, lines: ReadonlyArray<unknown>) => Effect.Effect<void, SpoolError>
  readonly noted: (importId: ImportId) => Effect.Effect<ReadonlyArray<unknown>, SpoolError>
  readonly remove: (importId: ImportId) => Effect.Effect<void, SpoolError>
}

/** A job as it lies: where it is sealed its name is not in the open, and `seal` says how to get at it. */
const Page = Schema.Struct({
  ...Job.fields,
  seal: Schema.optional(Schema.Struct({ iv: Schema.Uint8ArrayFromHex, name: Schema.String }))
})
type Page = typeof Page.Type

const decodeJob = Schema.decodeUnknownOption(Schema.parseJson(Page))
const encodePage = Schema.encodeSync(Schema.parseJson(Page))

const keysFailing = (work: Effect.Effect<Uint8Array, KeyFailure>): Effect.Effect<Uint8Array, Locked | SpoolError> =>
  Effect.mapError(
    work,
    (cause) => cause._tag === "Locked" ? cause : new SpoolError({ doing: "find the key of an import", cause })
  )

/** Without keys everything lies open: for tests and trials. */
export const make = (directory: string, keys: SpoolSeal.Keys | null = null): Spool => {
  const at = (importId: string, name: string) => path.join(directory, importId, name)
  /** Of imports that are worked on, where they are sealed. */
  const seals = new Map<string, SpoolSeal.SpoolSeal>()
  const remove = (importId: string) =>
    doing(
      "remove an import's folder",
      () => {
        fs.rmSync(path.join(directory, importId), { recursive: true, force: true })
        SealedBytes.forget(at(importId, "file"))
        seals.delete(importId)
      }
    )
  const open = (importId: string, key: Uint8Array, iv?: Uint8Array) => {
    const seal = SpoolSeal.of(key, iv)
    seals.set(importId, seal)
    SealedBytes.know(at(importId, "file"), seal.bytes)
    return seal
  }

  const jobIn = (folder: string) => pageIn(at(folder, "job.json"))

  return {
    file: (importId) => at(importId, "file"),
    take: (job, bytes, bytesMax) => {
      const folder = Effect.acquireRelease(
        doing("make an import's folder", () => makeFolder(directory, job.importId)),
        (_, exit) => Exit.isSuccess(exit) ? Effect.void : Effect.ignore(remove(job.importId))
      )
      const seal = keys === null
        ? Effect.succeed(null)
        : Effect.map(keysFailing(keys(job.owner, job.importId)), (key) => open(job.importId, key))
      return Effect.scoped(Effect.flatMap(
        Effect.zipRight(folder, seal),
        (seal) => take(at, job, bytes, bytesMax, seal)
      ))
    },
    unseal: (job) =>
      Effect.gen(function*() {
        const page = yield* doing("read an import's folder", () => jobIn(job.importId))
        if (page === "broken" || Option.isNone(page)) return job
        const { seal, ...plain } = page.value
        // An older build left it in the open.
        if (seal === undefined || keys === null) return plain
        const key = yield* keysFailing(keys(job.owner, job.importId))
        const opened = open(job.importId, key, seal.iv)
        return { ...plain, name: yield* doing("open an import's name", () => opened.open(seal.name)) }
      }),
    has: (importId) => doing("look for an import's folder", () => fs.existsSync(path.join(directory, importId))),
    waiting: Effect.gen(function*() {
      const folders = yield* doing("list the spool", () => fs.existsSync(directory) ? fs.readdirSync(directory) : [])
      const jobs: Array<Job> = []
      for (const folder of folders) {
        const job = yield* doing("read an import's folder", () => jobIn(folder))
        if (job === "broken") yield* remove(folder)
        else if (Option.isSome(job)) jobs.push(nameless(job.value))
        // Another build wrote it, or a hand: its file is somebody's, and stays.
        else {yield* Effect.logWarning(
            `the import in ${path.join(directory, folder)} cannot be read, and is passed over`
          )}
      }
      return jobs.toSorted((a, b) => a.startedAt - b.startedAt)
    }),
    note: (importId, lines) =>
      doing("note what is done", () => writeLines(at(importId, "done.jsonl"), lines, seals.get(importId))),
    noted: (importId) => doing("read what is done", () => readLines(at(importId, "done.jsonl"), seals.get(importId))),
    remove
  }
}

/** Whole lines only: the last one may have been cut by a crash. What is left of it is taken away, or the next note would end it. */
const readLines = (file: string, seal: SpoolSeal.SpoolSeal | undefined): ReadonlyArray<unknown> => {
  if (!fs.existsSync(file)) return []
  const bytes = fs.readFileSync(file)
  const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1)
  if (whole.length < bytes.length) fs.truncateSync(file, whole.length)
  return whole.toString("utf8").split("\n").slice(0, -1)
    // What an older build noted lies open.
    .map((line) => JSON.parse(line.startsWith("{") ? line : seal?.open(line) ?? line))
}

const writeLines = (file: string, lines: ReadonlyArray<unknown>, seal: SpoolSeal.SpoolSeal | undefined) =>
  fs.appendFileSync(
    file,
    lines.map((line) => JSON.stringify(line)).map((line) => `${seal?.seal(line) ?? line}\n`).join(""),
    { mode: 0o600 }
  )

/** What the import is; "broken" when its upload never came to an end. */
const pageIn = (file: string): Option.Option<Page> | "broken" =>
  fs.existsSync(file) ? decodeJob(fs.readFileSync(file, "utf8")) : "broken"

const nameless = ({ seal: _, ...job }: Page): Job => job

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
  bytesMax: number,
  seal: SpoolSeal.SpoolSeal | null
) {
  const file = at(job.importId, "file")
  const handle = yield* Effect.acquireRelease(
    doing("open a file in the spool", () => fs.openSync(file, "wx", 0o600)),
    (opened) => Effect.sync(() => fs.closeSync(opened))
  )
  let total = 0
  const sealed = seal === null ? (chunk: Uint8Array) => chunk : SealedBytes.writer(seal.bytes)
  yield* Stream.runForEach(bytes, (chunk): Effect.Effect<unknown, SpoolError | UploadTooLarge> => {
    total += chunk.length
    return total > bytesMax
      ? new UploadTooLarge({ max: bytesMax })
      : doing("write to the spool", () => writeAll(handle, sealed(chunk)))
  })
  const whole: Job = { ...job, bytes: total }
  const page: Page = seal === null ? whole : { ...whole, name: "", seal: { iv: seal.iv, name: seal.seal(job.name) } }
  yield* doing("finish a file in the spool", () => {
    fs.fsyncSync(handle)
    // The job's page comes last, under its name only when it is whole: it says that the file is.
    fs.writeFileSync(at(job.importId, "job.new"), encodePage(page), { mode: 0o600, flush: true })
    fs.renameSync(at(job.importId, "job.new"), at(job.importId, "job.json"))
    settle(path.dirname(file))
    settle(path.dirname(path.dirname(file)))
  })
  return whole
})
