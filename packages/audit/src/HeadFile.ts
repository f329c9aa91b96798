/**
 * The newest head this process has issued, in a file beside its key: what the database cannot take back.
 *
 * F1  What was written is read, and a crash leaves the head before or the head after.
 * F2  A file that is none is told from one that is not there.
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"

export interface IssuedHead {
  readonly number: number
  readonly note: string
}

export class HeadFileError extends Data.TaggedError("HeadFileError")<{ readonly message: string }> {}

const doing = <A>(file: string, work: () => A): Effect.Effect<A, HeadFileError> =>
  Effect.try({
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
  doing(file, () => {
    if (!fs.existsSync(file)) return null
    const [, number, note] = /^head ([1-9]\d{0,15})\n([^]+)$/.exec(fs.readFileSync(file, "utf8")) ?? []
    if (number === undefined || note === undefined) throw new Error("it does not hold what was written there")
    return { number: Number(number), note }
  })

export const write = (file: string, { note, number }: IssuedHead): Effect.Effect<void, HeadFileError> =>
  doing(file, () => {
    const fresh = `${file}.${process.pid}.new`
    fs.rmSync(fresh, { force: true })
    fs.writeFileSync(fresh, `head ${number}\n${note}`, { mode: 0o600, flag: "wx", flush: true })
    fs.renameSync(fresh, file)
  })
