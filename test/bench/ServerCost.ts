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

/** Runs `writers` loops for so long, after one warm-up step each; `step` answers how many events it handled. */
export const measure = async (
  postmaster: number,
  ms: number,
  writers: number,
  step: (writer: number, round: number) => Promise<number>
): Promise<Cost> => {
  const loops = Array.from({ length: writers }, (_, writer) => writer)
  await Promise.all(loops.map((writer) => step(writer, -1)))
  const latencies: Array<number> = []
  let handled = 0
  const node = nodeCpuUs()
  const server = serverCpuUs(postmaster)
  const begun = performance.now()
  await Promise.all(loops.map(async (writer) => {
    for (let round = 0; performance.now() - begun < ms; round++) {
      const from = performance.now()
      // Not `+= await`: that would add to what the sum was before the waiting.
      const more = await step(writer, round)
      handled += more
      latencies.push(performance.now() - from)
    }
  }))
  const seconds = (performance.now() - begun) / 1_000
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  return {
    events: handled,
    perSecond: handled / seconds,
    nodeCpuUs: (nodeCpuUs() - node) / handled,
    serverCpuUs: (serverCpuUs(postmaster) - server) / handled,
    p50Ms: at(0.5),
    p99Ms: at(0.99)
  }
}
