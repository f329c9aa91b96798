/** What a process costs, read from the kernel (Linux): CPU seconds, resident memory, its share of shared memory. */
import * as fs from "node:fs"

/** Clock ticks per second in `/proc/<pid>/stat`; 100 on every Linux that Node runs on. */
const ticks = 100

const stat = (pid: number) => fs.readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ").map(Number)
const status = (pid: number, field: string) =>
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) *
  1_024

const childrenOf = (pid: number): ReadonlyArray<number> =>
  fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((other) => {
    try {
      return stat(other)[1] === pid
    } catch {
      return false
    }
  })

/** The process and everything it started that still runs. */
export const family = (pid: number): ReadonlyArray<number> => [pid, ...childrenOf(pid)]

/** CPU seconds of these processes and of children of theirs that have ended; one that ended meanwhile is its parent's. */
export const cpuSeconds = (pids: ReadonlyArray<number>): number =>
  pids.reduce((sum, pid) => {
    if (!fs.existsSync(`/proc/${pid}/stat`)) return sum
    const [user, system, endedUser, endedSystem] = stat(pid).slice(11, 15) as [number, number, number, number]
    return sum + (user + system + endedUser + endedSystem) / ticks
  }, 0)

/** The most memory the process ever had resident, in bytes. */
export const peakBytes = (pid: number): number => status(pid, "VmHWM")

/** Memory of several processes together, pages they share counted once (proportional set size), in bytes. */
export const sharedOutBytes = (pids: ReadonlyArray<number>): number =>
  pids.reduce(
    (sum, pid) =>
      sum + Number(/^Pss:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) * 1_024,
    0
  )

export const median = (values: ReadonlyArray<number>): number => percentile(values, 0.5)
export const percentile = (values: ReadonlyArray<number>, part: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN

/** A number as tables show it: three digits at least. */
export const figure = (n: number): string => n >= 100 ? String(Math.round(n)) : n.toPrecision(3)
