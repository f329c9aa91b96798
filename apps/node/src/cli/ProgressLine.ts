/** Shows how far long work is: one line that changes on a terminal, a line now and then elsewhere. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** The shortest time between two lines where nobody looks on. */
const QuietMs = 2_000
const LiveMs = 100

export interface ProgressLine {
  readonly show: (text: string) => Effect.Effect<void>
  readonly end: Effect.Effect<void>
}

export const make: Effect.Effect<ProgressLine> = Effect.sync(() => {
  const live = process.stderr.isTTY === true
  let last = 0
  let shown = false
  return {
    show: (text) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (now - last < (live ? LiveMs : QuietMs)) return
        last = now
        shown = true
        process.stderr.write(live ? `\r\u001b[K${text}` : `${text}\n`)
      }),
    end: Effect.sync(() => {
      if (live && shown) process.stderr.write("\r\u001b[K")
      shown = false
    })
  }
})

export const of = (done: number, total: number): string =>
  total === 0 ? "0 %" : `${Math.min(100, Math.floor((done / total) * 100))} %`

/** Bytes as people read them. */
export const size = (bytes: number): string =>
  bytes < 1_024
    ? `${bytes} B`
    : bytes < 1_048_576
    ? `${(bytes / 1_024).toFixed(0)} KiB`
    : `${(bytes / 1_048_576).toFixed(1)} MiB`
