/**
 * The newest head this process has issued, in a file beside its key: what the database cannot take back.
 *
 * F1  What was written is read, and a crash leaves the head before or the head after.
 * F2  A file that is none is told from one that is not there.
 * F3  A write that has begun is waited for, also by whoever interrupts it: afterwards nothing touches the folder any more.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"

export interface IssuedHead {
  readonly number: number
  readonly note: string
}

export class HeadFileError extends Data.TaggedError("HeadFileError")<{ readonly message: string }> {}

/** Not one step of it may hold up the process: a disk that is busy takes its time to sync. */
const doing = <A>(file: string, work: () => Promise<A>): Effect.Effect<A, HeadFileError> =>
  Effect.tryPromise({
    try: work,
    catch: (cause) =>
      new HeadFileError({
        message: `The file of the newest tree head, ${file}, cannot be used: ${
          cause instanceof Error ? cause.message : cause
        }`
      })
  })

/** Null when nothing was issued yet. */
export const read = (file: string): Effect.Effect<IssuedHead | null, HeadFileError> =>
  doing(file, () => fs.existsSync(file) ? fs.promises.readFile(file, "utf8").then(parse) : Promise.resolve(null))

const parse = (text: string): IssuedHead => {
  const [, number, note] = /^head ([1-9]\d{0,15})\n([^]+)$/.exec(text) ?? []
  if (number === undefined || note === undefined) throw new Error("it does not hold what was written there")
  return { number: Number(number), note }
}

/** Two who write at once, even of one process, do not write into one file. */
let written = 0

export const write = (file: string, { note, number }: IssuedHead): Effect.Effect<void, HeadFileError> =>
  Effect.uninterruptible(doing(file, () => {
    const fresh = `${file}.${process.pid}.${++written}.new`
    return fs.promises.rm(fresh, { force: true })
      .then(() => fs.promises.writeFile(fresh, `head ${number}\n${note}`, { mode: 0o600, flag: "wx", flush: true }))
      .then(() => fs.promises.rename(fresh, file))
  }))
