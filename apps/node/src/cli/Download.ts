/** Bytes the running node hands out over REST, as they come; an answer that refuses or breaks off is told in a sentence. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { couldNot, refused } from "./Ended.ts"
import type { Reached } from "./NodeConnection.ts"

/** What is asked for, in the words of the sentences that say it did not come. */
export interface Download {
  /** Below `/api/v1/`. */
  readonly path: string
  /** "make a backup" */
  readonly doing: string
  /** "the backup" */
  readonly what: string
  /** What to do when the node could not. */
  readonly advice?: string
}

export const bytesOf = (
  { headers, origin }: Pick<Reached, "headers" | "origin">,
  { advice, doing, path, what }: Download
) =>
  Stream.unwrap(Effect.gen(function*() {
    const response = yield* Effect.tryPromise({
      try: (signal) => fetch(`${origin}/api/v1/${path}`, { headers, signal }),
      catch: () => couldNot("The connection to the node was lost.")
    })
    if (!response.ok || response.body === null) {
      const body = yield* Effect.promise(() =>
        response.json().catch(() => ({})) as Promise<{ readonly message?: string }>
      )
      const sentence = body.message ?? `it answers ${response.status}`
      return yield* response.status >= 500
        ? couldNot(`The node cannot ${doing}: ${sentence}${advice === undefined ? "" : ` ${advice}`}`)
        : refused(`The node refuses: ${sentence}.`)
    }
    return Stream.fromReadableStream({
      evaluate: () => response.body as ReadableStream<Uint8Array>,
      onError: () => couldNot(`The node ended ${what} early: its own log says why. No file was written.`)
    })
  }))
