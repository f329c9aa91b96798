/** How far long work is; whoever does the work is handed a `Report` and calls it as it goes. */
import * as Effect from "effect/Effect"

export interface Progress {
  readonly doing: string
  readonly done: number
  readonly total: number
}

export type Report = (progress: Progress) => Effect.Effect<void>
