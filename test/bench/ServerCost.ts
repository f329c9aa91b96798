/** What work costs: events a second, CPU of this process and of the database server per event, latencies. */
import * as fs from "node:fs"

/** `perSecond` depends on the machine and its load; the CPU times hardly do. */
export interface Cost {
  readonly events: number
  readonly perSecond: number
  readonly nodeCpuUs: number
  readonly serverCpuUs: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const tickUs = 10_000

/** CPU time of the server in microseconds: the postmaster and those it has waited for in ticks, living children exactly. */
const serverCpuUs = (postmaster: number): number => {
  const stat = (pid: number | string) => {
    const text = fs.readFileSync(`/proc/${pid}/stat`, "utf8")
    return text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number)
  }
  const own = stat(postmaster)
  let us = (own[11]! + own[12]! + own[13]! + own[14]!) * tickUs
  for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (stat(pid)[1] === postmaster) {
        us += Number(fs.readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1_000
      }
    } catch {
      // It ended meanwhile; its parent has waited for it.
    }
  }
  return us
}

const nodeCpuUs = (): number => {
  const { system, user } = process.cpuUsage()
  return user + system
}

/** Who works looks whether to go on, and tells what was done. */
export interface Watch {
  readonly isOpen: () => boolean
  /** Since when, by `performance.now()`, and how many events. */
  readonly done: (from: number, events: number) => void
}

/** Before anything counts, work goes on for so long: code is compiled, statements are planned, connections are made. */
const warmMs = 750

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** What goes on within `ms` of the middle of the work, which runs a little longer on both sides. */
export const measure = async (
  postmaster: number,
  ms: number,
  work: (watch: Watch) => Promise<void>
): Promise<Cost> => {
  let [counts, open, handled] = [false, true, 0]
  const latencies: Array<number> = []
  const working = work({
    isOpen: () => open,
    done: (from, events) => {
      if (!counts) return
      handled += events
      latencies.push(performance.now() - from)
    }
  })
  await Promise.race([sleep(warmMs), working])
  const [node, server, begun] = [nodeCpuUs(), serverCpuUs(postmaster), performance.now()]
  counts = true
  await Promise.race([sleep(ms), working])
  counts = false
  const seconds = (performance.now() - begun) / 1_000
  const [nodeUs, serverUs] = [nodeCpuUs() - node, serverCpuUs(postmaster) - server]
  open = false
  await working
  return costOf(handled, seconds, nodeUs, serverUs, latencies)
}

const costOf = (
  events: number,
  seconds: number,
  nodeUs: number,
  serverUs: number,
  latencies: ReadonlyArray<number>
): Cost => {
  const sorted = latencies.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return {
    events,
    perSecond: events / seconds,
    nodeCpuUs: nodeUs / events,
    serverCpuUs: serverUs / events,
    p50Ms: at(0.5),
    p99Ms: at(0.99)
  }
}

/** The same of so many rounds of each of so many loops, after one round that does not count: for what must not grow what it measures. */
export const measureRounds = async (
  postmaster: number,
  writers: number,
  rounds: number,
  step: (writer: number, round: number) => Promise<number>
): Promise<Cost> => {
  const loops = Array.from({ length: writers }, (_, writer) => writer)
  await Promise.all(loops.map((writer) => step(writer, -1)))
  const latencies: Array<number> = []
  let handled = 0
  const [node, server, begun] = [nodeCpuUs(), serverCpuUs(postmaster), performance.now()]
  await Promise.all(loops.map(async (writer) => {
    for (let round = 0; round < rounds; round++) {
      const from = performance.now()
      // Not `+= await`: that would add to what the sum was before the waiting.
      const more = await step(writer, round)
      handled += more
      latencies.push(performance.now() - from)
    }
  }))
  const seconds = (performance.now() - begun) / 1_000
  return costOf(handled, seconds, nodeCpuUs() - node, serverCpuUs(postmaster) - server, latencies)
}
