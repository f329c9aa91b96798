/**
 * What must hold for a node whichever database it stands on: import, search, read, replay, audit, also after it was killed
 * in the middle of an import.
 */
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { writeExport } from "../bench/GenerateExport.ts"
import { call, type NodeProcess, type Start, startNode, temporary, until } from "./NodeProcess.ts"

const fixtures = path.resolve(import.meta.dirname, "../fixtures/exports")

const balanced = (receipt: any) => {
  const { conversations: c, nodes: n } = receipt
  assert.strictEqual(c.imported + c.merged + c.empty + c.quarantined, c.found, "conversations add up")
  assert.strictEqual(n.kept + n.hidden + n.merged + n.quarantined, n.found, "nodes add up")
}

/** What a node stands on: how to start it there, and how to clear it away. */
export interface Footing {
  readonly start: Start
  readonly end: () => Promise<void>
}

export const nodeJourney = (title: string, prepare: () => Promise<Footing>) =>
  describe(title, () => {
    let footing: Footing
    let node: NodeProcess

    beforeAll(async () => {
      footing = await prepare()
      node = await startNode(footing.start)
    })
    afterAll(async () => {
      const code = await node.stop()
      await footing.end()
      assert.strictEqual(code, 0, "a node that is asked to end ends well")
    })

    it("greets once with its token, and answers health, readiness and metrics", async () => {
      assert.include(node.output(), node.token())
      assert.strictEqual((await fetch(`${node.origin}/healthz`)).status, 200)
      const metrics = await (await fetch(`${node.origin}/metrics`)).text()
      assert.match(metrics, /^vivim_ready 1$/m)
      assert.match(metrics, /^vivim_view_lag\{view="library"\} \d+$/m)
      assert.strictEqual((await fetch(`${node.origin}/api/docs`)).status, 200)
      assert.strictEqual((await fetch(`${node.origin}/api/v1/conversations`)).status, 401)
    })

    it("imports a ChatGPT export: one JSON receipt on stdout that adds up, and again nothing new", async () => {
      const file = path.join(fixtures, "chatgpt/chatgpt-export-2026-split.zip")
      const first = await node.vivim("import", file, "--json")
      assert.strictEqual(first.code, 0, first.stderr)
      const receipt = JSON.parse(first.stdout)
      balanced(receipt)
      assert.strictEqual(receipt.format, "chatgpt-export-split")
      assert.strictEqual(receipt.conversations.imported, 8)
      const again = JSON.parse((await node.vivim("import", file, "--json")).stdout)
      balanced(again)
      assert.deepStrictEqual(again.conversations, { ...receipt.conversations, imported: 0, merged: 8 })
      assert.strictEqual(again.nodes.merged, receipt.nodes.found)
    })

    it("imports Claude and Markdown, finds words of each, and keeps accounts apart", async () => {
      assert.strictEqual((await node.vivim("import", path.join(fixtures, "claude"), "--as", "alice")).code, 0)
      assert.strictEqual((await node.vivim("import", path.join(fixtures, "generic/transcript.md"))).code, 0)
      const find = async (words: string, ...more: ReadonlyArray<string>) =>
        JSON.parse((await node.vivim("search", words, "--json", ...more)).stdout).hits
      assert.isAbove((await find("oolong")).length, 0)
      assert.isAbove((await find("Arashiyama", "--as", "alice")).length, 0)
      assert.deepStrictEqual(await find("Arashiyama"), [])
      assert.deepStrictEqual(await find("oolong", "--as", "alice"), [])
      assert.strictEqual((await node.vivim("search", "tea", "--as", "nobody")).code, 2)
    })

    it("refuses what is no export, with exit code 2 and a sentence", async () => {
      const refused = await node.vivim("import", path.resolve("package.json"), "--json")
      assert.strictEqual(refused.code, 2)
      assert.strictEqual(refused.stdout, "")
      assert.include(refused.stderr, "Not imported")
      assert.strictEqual((await node.vivim("import", "/nowhere/to/be/found")).code, 2)
      assert.strictEqual((await node.vivim("nonsense")).code, 2)
    })

    it("killed in the middle of an import, it goes on at the next start, and the receipt is whole", async () => {
      const file = path.join(temporary("export"), "conversations.json")
      const made = writeExport(file, { conversations: 1_500, seed: 7 })
      const importing = node.vivim("import", file, "--json")
      await until(
        async () => (await call(node, "GET", "/imports")).body,
        ([newest]) => newest.state === "running" && newest.counts.conversations.found > 100,
        "the import is under way"
      )
      await node.kill()
      node = await node.again()
      const { code, stderr, stdout } = await importing
      assert.strictEqual(code, 0, stderr)
      const receipt = JSON.parse(stdout)
      balanced(receipt)
      assert.strictEqual(receipt.conversations.found, made.conversations)
      assert.strictEqual(receipt.conversations.imported, made.conversations)
      assert.strictEqual(receipt.nodes.found, made.nodes)
      assert.strictEqual(receipt.nodes.merged, 0)
    })

    it("its views equal a fresh replay, and its log is sound", async () => {
      const compared = await node.vivim("replay", "--compare", "--json")
      assert.strictEqual(compared.code, 0, compared.stdout + compared.stderr)
      assert.isAbove(JSON.parse(compared.stdout).views.find(({ view }: any) => view === "library").rows, 10_000)
      const audit = await node.vivim("audit", "--json")
      assert.strictEqual(audit.code, 0, audit.stderr)
      assert.isTrue(JSON.parse(audit.stdout).sound)
    })

    it("tells its history, folds a stream to any point, and builds a view anew", async () => {
      assert.strictEqual((await call(node, "POST", "/circles", { circleId: "tea", name: "Tea" })).status, 200)
      assert.strictEqual((await call(node, "PATCH", "/circles/tea", { name: "Oolong" })).status, 200)
      const name = async (version: string) =>
        JSON.parse((await node.vivim("replay", "circle/tea", "--at", version, "--json")).stdout).state.name
      assert.strictEqual(await name("1"), "Tea")
      assert.strictEqual(await name("2"), "Oolong")
      const events = (await node.vivim("events", "--type", "circle.*", "--json")).stdout.trim().split("\n").map((
        line
      ) => JSON.parse(line))
      assert.deepStrictEqual(events.map(({ type }) => type), ["circle.CircleCreated", "circle.CircleRenamed"])
      assert.notInclude(JSON.stringify(events), "Oolong", "what is private stays sealed")
      assert.strictEqual((await node.vivim("rebuild", "circles")).code, 0)
      assert.strictEqual((await node.vivim("rebuild", "nothing")).code, 2)
      assert.strictEqual((await call(node, "GET", "/circles/tea")).body.name, "Oolong")
    })
  })
