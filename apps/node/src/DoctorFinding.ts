/** What a look at a node found: one sentence per thing looked at, and what to do where something is wrong. */
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"

export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string
  readonly state: "ok" | "warn" | "fail"
  readonly says: string
  /** What to do; null when nothing is wrong. */
  readonly todo: string | null
}

/** Why a look could not be taken. */
export class LookFailed extends Data.TaggedError("LookFailed")<{ readonly message: string }> {
  static readonly of = (cause: unknown) =>
    new LookFailed({ message: cause instanceof Error ? cause.message : String(cause) })
}

export const ok = (check: string, says: string): Finding => ({ check, state: "ok", says, todo: null })
export const warn = (check: string, says: string, todo: string): Finding => ({ check, state: "warn", says, todo })
export const fail = (check: string, says: string, todo: string): Finding => ({ check, state: "fail", says, todo })

/** A look that itself goes wrong is a finding too: the others are still taken. */
export const look = <R>(
  check: string,
  work: Effect.Effect<ReadonlyArray<Finding>, { readonly message: string }, R>
): Effect.Effect<ReadonlyArray<Finding>, never, R> =>
  Effect.catchAllCause(
    work,
    (cause) =>
      Effect.succeed([fail(check, sentence(Cause.squash(cause)), "Put that right, and run `vivim doctor` again.")])
  )

const sentence = (error: unknown): string => {
  const message = error instanceof Error && error.message !== "" ? error.message : String(error)
  return message.endsWith(".") ? message : `${message}.`
}
