/**
 * What the crypto costs in CPU time, beside the primitives of node:crypto it cannot do without, in turns in the same run.
 *
 * Another thing to measure is another `Row`: say what is done once, what of it is bare necessity, and what the goal is.
 */
import { rows } from "./CryptoRows.ts"
import { median } from "./Process.ts"

/** One thing that is measured. */
export interface Row {
  readonly what: string
  /** Does it once; no work is left over when it returns. */
  readonly once: () => void
  /** The primitives inside, with everything around them left away. */
  readonly bare: () => void
  /** How the CPU microseconds of one are said: so many in a CPU-second, or milliseconds each. */
  readonly unit: "/CPU-s" | "ms"
  readonly goal: string
  /** What one of them weighs, where there is a goal for that. */
  readonly bytes?: number
}

const cpuUs = () => {
  const { system, user } = process.cpuUsage()
  return user + system
}

/** CPU microseconds of one, over so long. */
const cost = (once: () => void, ms: number): number => {
  const [cpu, begun] = [cpuUs(), performance.now()]
  let count = 0
  do {
    once()
    count++
  } while (performance.now() - begun < ms)
  return (cpuUs() - cpu) / count
}

const said = (us: number, unit: Row["unit"]): string =>
  unit === "ms" ? `${(us / 1_000).toPrecision(3)} ms` : `${Math.round(1e6 / us)}/CPU-s`

/** Rounds take turns, so that both see the same machine. */
const measure = ({ bare, bytes, goal, once, unit, what }: Row, ms: number, rounds: number): string => {
  // The first thousands go to the compiler as well.
  cost(once, 5 * ms)
  cost(bare, ms)
  const pairs = Array.from({ length: rounds }, () => [cost(once, ms), cost(bare, ms)] as const)
  const [ours, theirs] = [median(pairs.map(([one]) => one)), median(pairs.map(([, other]) => other))]
  const ratio = median(pairs.map(([one, other]) => one / other))
  const weighing = bytes === undefined ? "" : `, ${bytes} B`
  return `| ${what} | ${said(ours, unit)}${weighing} | ${said(theirs, unit)} | ${ratio.toFixed(2)} | ${goal} |`
}

export const cryptoBench = (ms: number, rounds: number): string =>
  [
    "| what | ours | the bare primitives | CPU, ours to theirs | goal |",
    "|---|---|---|---|---|",
    ...rows().map((row) => measure(row, ms, rounds))
  ].join("\n")
