/** How a command ends: its exit code, and the sentence that says why. 0 done, 1 could not, 2 refused or asked wrongly. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

/** The command did not do what was asked. `message` is for people, one sentence that says what to do. */
export class Ended extends Data.TaggedError("Ended")<{ readonly code: 1 | 2; readonly message: string }> {}

export const couldNot = (message: string) => new Ended({ code: 1, message })
export const refused = (message: string) => new Ended({ code: 2, message })

/** Results go to stdout, everything said on the way to stderr: a pipe gets the result alone. */
export const print = (text: string): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    process.stdout.write(`${text}\n`, () => resume(Effect.void))
  })

export const say = (text: string): Effect.Effect<void> => Effect.sync(() => void process.stderr.write(`${text}\n`))

/** One JSON value, on one line. */
export const printJson = (value: unknown): Effect.Effect<void> => print(JSON.stringify(value))
