/**
 * What keys of one's own cost: opening a library of 100 MB, an import and searches beside a node whose users have none, and how long
 * somebody waits who opens an account in a real browser. All against real nodes.
 */
import * as fs from "node:fs"
import * as path from "node:path"
import { openBrowser } from "../e2e/Browser.ts"
import { type NodeProcess, startNode, temporary } from "../e2e/NodeProcess.ts"
import { giveBack, isIn, kitOn, openNode } from "../e2e/WebAccount.ts"
import { knock, until } from "../integration/Company.ts"
import { type Keeper, keeper } from "../integration/Vault.ts"
import { writeExport } from "./GenerateExport.ts"
import { databaseOf, type Figure } from "./NodeBench.ts"
import * as Process from "./Process.ts"

const MiB = 1 << 20

const exportOf = (conversations: number, seed: number) => {
  const file = path.join(temporary("bench"), `${conversations}-${seed}.json`)
  writeExport(file, { conversations, seed })
  return file
}

const bring = async (node: NodeProcess, file: string) => {
  const { code, stderr } = await node.vivim("import", file, "--json")
  if (code !== 0) throw new Error(stderr)
}

const searched = async (node: NodeProcess, words: string): Promise<number> => {
  const { body } = await knock(node, "GET", `/search?query=${words}`)
  return body?.hits?.length ?? 0
}

/** The library has caught up with the import: what comes after it is measured by itself. */
const settled = (node: NodeProcess, conversations: number) =>
  until(
    async () => (await knock(node, "GET", "/conversations?limit=1")).body?.total,
    (total) => total === conversations,
    "the library has all of it"
  )

const withVault = async (): Promise<{ readonly node: NodeProcess; readonly ada: Keeper }> => {
  const ada = keeper()
  const node = await startNode()
  await ada.enroll(node)
  await ada.unlock(node)
  return { node, ada }
}

/** From handing over the store key to the first hits of a search, again and again; each time the node has forgotten the key before. */
const unlocking = async (): Promise<ReadonlyArray<Figure>> => {
  const { ada, node } = await withVault()
  try {
    await bring(node, exportOf(8_000, 1))
    await settled(node, 8_000)
    const users = path.join(node.dataDir, "users")
    const sizes = fs.readdirSync(users, { recursive: true, encoding: "utf8" }).map((name) => path.join(users, name))
      .filter((name) => name.endsWith(".sqlite")).map((name) => fs.statSync(name).size)
    const spent: Array<{ readonly unlocked: number; readonly found: number }> = []
    const rounds = 21
    let cpu = 0
    for (let n = 0; n < rounds; n++) {
      await ada.lock(node)
      const before = Process.cpuSeconds([node.pid])
      const since = performance.now()
      await ada.unlock(node)
      const unlocked = performance.now() - since
      const hits = await searched(node, "because")
      spent.push({ unlocked, found: performance.now() - since })
      cpu += Process.cpuSeconds([node.pid]) - before
      if (hits === 0) throw new Error("nothing is found")
    }
    const what = `opening a vault whose library has ${Math.round(Math.max(...sizes) / MiB)} MB`
    return [
      {
        what: `${what}, to the first answered search, median of ${rounds}`,
        value: Process.median(spent.map(({ found }) => found)),
        unit: "ms",
        goal: "<= 150"
      },
      {
        what: "of it until the vault is open",
        value: Process.median(spent.map(({ unlocked }) => unlocked)),
        unit: "ms",
        goal: ""
      },
      { what: "the same: node, each time", value: cpu / rounds * 1_000, unit: "ms CPU", goal: "" }
    ]
  } finally {
    await node.stop()
  }
}

interface Spent {
  readonly importNode: number
  readonly importDatabase: number
  readonly search: number
}

const searches = 300
const asked = ["because", "good", "never", "through%20years", "different", "great%20old", "used"]

/** An import and then searches, in CPU seconds. */
const work = async (node: NodeProcess, file: string): Promise<Spent> => {
  const cpu = () => [Process.cpuSeconds([node.pid]), Process.cpuSeconds(Process.family(databaseOf(node)))] as const
  const before = cpu()
  await bring(node, file)
  await settled(node, 3_000)
  const after = cpu()
  for (let n = 0; n < searches; n++) await searched(node, asked[n % asked.length]!)
  const end = cpu()
  return {
    importNode: after[0] - before[0],
    importDatabase: after[1] - before[1],
    search: end[0] + end[1] - after[0] - after[1]
  }
}

/** Both kinds of node do the same, one after the other, the first one changing from round to round. */
const atRest = async (rounds: number): Promise<ReadonlyArray<Figure>> => {
  const kinds = { plain: [] as Array<Spent>, vault: [] as Array<Spent> }
  for (let round = 0; round < rounds; round++) {
    const file = exportOf(3_000, round + 2)
    for (const kind of round % 2 === 0 ? ["plain", "vault"] as const : ["vault", "plain"] as const) {
      const node = kind === "plain" ? await startNode() : (await withVault()).node
      try {
        kinds[kind].push(await work(node, file))
      } finally {
        await node.stop()
      }
    }
  }
  const more = (of: (spent: Spent) => number) =>
    (Process.median(kinds.vault.map((spent, n) => of(spent) / of(kinds.plain[n]!))) - 1) * 100
  const rows: ReadonlyArray<readonly [string, (spent: Spent) => number, string]> = [
    ["import of 3,000 conversations, node and database", (s) => s.importNode + s.importDatabase, "<= 25"],
    ["of it the node", (s) => s.importNode, ""],
    ["of it the database", (s) => s.importDatabase, ""],
    [`${searches} searches, node and database`, (s) => s.search, "<= 25"]
  ]
  return rows.flatMap(([what, of, goal]) => [
    {
      what: `${what}: more CPU with a vault than without (median of ${rounds} pairs)`,
      value: more(of),
      unit: "%",
      goal
    },
    { what: "  without", value: Process.median(kinds.plain.map(of)), unit: "CPU s", goal: "" },
    { what: "  with", value: Process.median(kinds.vault.map(of)), unit: "CPU s", goal: "" }
  ])
}

/** Only what the person waits for counts: from each button that is pressed to what it leads to. */
const signUp = async (rounds: number): Promise<ReadonlyArray<Figure>> => {
  const node = await startNode({ env: openNode })
  const browser = await openBrowser(node.origin)
  try {
    const spent: Array<number> = []
    for (let n = 0; n < rounds; n++) {
      const visitor = await browser.visit()
      const { page } = visitor
      await page.getByRole("button", { name: /^Create account/ }).click()
      await page.getByLabel("Username").fill(`bench-${n}`)
      const made = performance.now()
      await page.getByRole("button", { name: "Continue" }).click()
      const kit = await kitOn(visitor)
      const waited = performance.now() - made
      await page.getByRole("button", { name: "I have kept it" }).click()
      await giveBack(visitor, kit)
      const opened = performance.now()
      await page.getByRole("button", { name: "Create account" }).click()
      await isIn(visitor)
      spent.push(waited + performance.now() - opened)
      await visitor.leave()
    }
    return [{
      what: `an account opened in Chromium: what its owner waits for until the library is shown, median of ${rounds}`,
      value: Process.median(spent) / 1_000,
      unit: "s",
      goal: "<= 3"
    }, { what: "the longest", value: Math.max(...spent) / 1_000, unit: "s", goal: "" }]
  } finally {
    await browser.close()
    await node.stop()
  }
}

export const vaultBench = async (rounds: number): Promise<ReadonlyArray<Figure>> => [
  ...await unlocking(),
  ...await atRest(rounds),
  ...await signUp(rounds * 3)
]
