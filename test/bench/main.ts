/** `npm run bench [actor] [audit] [capability] [node] [search] [process] [projection] [event-store] [crypto] [vault] [scale [events]]`: measures what is named, or all but the scale, prints it, and keeps it in `results/`. */
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as ActorBench from "./ActorBench.ts"
import { auditBench } from "./AuditBench.ts"
import { capabilityBench } from "./CapabilityBench.ts"
import { cryptoBench } from "./CryptoBench.ts"
import * as EventStoreBench from "./EventStoreBench.ts"
import { type Figure, nodeBench } from "./NodeBench.ts"
import { processBench } from "./ProcessBench.ts"
import * as ProjectionBench from "./ProjectionBench.ts"
import { scaleBench } from "./ScaleBench.ts"
import * as SearchBench from "./SearchBench.ts"
import { vaultBench } from "./VaultBench.ts"

const machine = () => {
  const load = os.loadavg().map((n) => n.toFixed(1)).join(" ")
  return `${os.cpus().length} x ${os.cpus()[0]?.model ?? "?"}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ` +
    `${os.type()} ${os.release()}, Node ${process.version}, load ${load}, ${new Date().toISOString().slice(0, 10)}`
}

const figures = (title: string, rows: ReadonlyArray<Figure>) =>
  [
    `## ${title}`,
    "",
    "| what | measured | goal |",
    "|---|---|---|",
    ...rows.map(({ goal, unit, value, what }) => `| ${what} | ${value.toPrecision(3)} ${unit} | ${goal} |`)
  ].join("\n")

const search = (): string => {
  const { buildCpuSeconds, fileBytes, messages, searches } = SearchBench.run()
  return figures(
    `search over ${messages} messages (file of ${
      Math.round(fileBytes / 2 ** 20)
    } MiB, built in ${buildCpuSeconds} CPU s)`,
    searches.map(({ p95CpuMs, scenario }) => ({
      what: `${scenario}, p95`,
      value: p95CpuMs,
      unit: "ms CPU",
      goal: "<= 10"
    }))
  )
}

/** Events of the longest log that `scale` fills. */
const scale = Number(process.argv.slice(2).find((given) => /^\d+$/.test(given)) ?? 10_000_000)

const benches: Readonly<Record<string, () => Promise<string> | string>> = {
  actor: async () => `## actors\n\n${ActorBench.table(await Effect.runPromise(ActorBench.actorBench(1_000, 7)))}`,
  audit: async () => `## audit\n\n${await Effect.runPromise(auditBench(1_000, 15))}`,
  capability: async () => figures("capabilities and policies, per CPU-second", await capabilityBench(1_000_000)),
  node: async () => figures("a node", await nodeBench()),
  search,
  crypto: () => `## crypto\n\n${cryptoBench(400, 7)}`,
  process: async () => figures("processes", await processBench()),
  projection: async () =>
    `## projections\n\n${ProjectionBench.table(await Effect.runPromise(ProjectionBench.projectionBench(3_000)))}`,
  "event-store": async () =>
    `## event store\n\n${
      EventStoreBench.print(await Effect.runPromise(EventStoreBench.run({ ms: 3_000, rounds: 3 })))
    }`,
  vault: async () => figures("keys of one's own", await vaultBench(1)),
  scale: async () => `## scale\n\n${await Effect.runPromise(scaleBench(scale, 5))}`
}

const asked = process.argv.slice(2).filter((given) => !/^\d+$/.test(given))
const unknown = asked.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(", ")}; there are: ${Object.keys(benches).join(", ")}.`)
  process.exit(2)
}

const folder = path.join(import.meta.dirname, "results")
fs.mkdirSync(folder, { recursive: true })
for (const name of asked.length === 0 ? Object.keys(benches).filter((name) => name !== "scale") : asked) {
  const page = `Measured on ${machine()} by \`npm run bench -- ${name}\`.\n\n${await benches[name]!()}\n`
  console.log(page)
  fs.writeFileSync(path.join(folder, `${name}.md`), page)
}
process.exit(0)
