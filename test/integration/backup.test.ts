/** A node is backed up, lost, and made again: on the database it brings along, and on a PostgreSQL server. With real processes. */
import { leftovers } from "@vivim/node/Restore"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { unzipSync } from "fflate"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import * as path from "node:path"
import pg from "pg"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { ensureBuilt } from "../../infra/build.ts"
import { noServer, serverPostgres } from "../conformance/ServerPostgres.ts"
import { freePort, type NodeProcess, type Ran, run, startNode, temporary } from "../e2e/NodeProcess.ts"
import { knock, until } from "./Company.ts"
import { keeper } from "./Vault.ts"

const fixtures = path.resolve(import.meta.dirname, "../fixtures/exports")
const canary = "xylophone-marmalade-4711"
const chatgpt = path.join(fixtures, "chatgpt/chatgpt-export-2026-split.zip")
const folder = temporary("backup")
const file = path.join(folder, "node.backup")
const keyFile = path.join(folder, "kept.key")
const env = { VIVIM_HANDLE: "ada" }
/** Ada has keys of her own, Bo has none. */
const ada = keeper()

/** Built once: what others change meanwhile is not what is tested here. */
const built = ensureBuilt()

/** Runs the command line on a data folder whose node does not run. */
const vivimOn = async (
  dataDir: string,
  args: ReadonlyArray<string>,
  more: Readonly<Record<string, string>> = {}
): Promise<Ran> =>
  run((await built).vivim, args, { ...env, VIVIM_DATA_DIR: dataDir, VIVIM_PORT: String(await freePort()), ...more })

const okay = ({ code, stderr, stdout }: Ran): string => {
  assert.strictEqual(code, 0, stderr)
  return stdout
}
const json = (ran: Ran): any => JSON.parse(okay(ran))

/** Contents of the export by their hash, those that the node has. */
const contentsOf = async (node: NodeProcess): Promise<Readonly<Record<string, string>>> => {
  const found: Record<string, string> = {}
  for (const bytes of Object.values(unzipSync(fs.readFileSync(chatgpt)))) {
    const hash = createHash("sha256").update(bytes).digest("hex")
    const response = await fetch(`${node.origin}/api/v1/content/${hash}`, {
      headers: { authorization: `Bearer ${node.token()}` }
    })
    if (response.ok) {
      found[hash] = createHash("sha256").update(new Uint8Array(await response.arrayBuffer())).digest("hex")
    }
  }
  return found
}

/** Everything a person or an operator can ask of a node, as far as it must not change. */
const knownOf = async (node: NodeProcess) => {
  const events = okay(await node.vivim("events", "--json")).trim().split("\n")
  const streams = [
    ...new Set(
      events.map((line) => JSON.parse(line)).filter(({ owner, stream }) =>
        stream.startsWith("document/") && owner === JSON.parse(events[0]!).owner
      ).map(({ stream }) => stream as string)
    )
  ]
  // A restored log is another one, with heads of its own: how many were signed by now says nothing of what it holds.
  const { tree: _, ...audit } = json(await node.vivim("audit", "--json"))
  const states = []
  for (const stream of streams.slice(0, 4)) states.push(json(await node.vivim("replay", stream, "--json")))
  return {
    events,
    states,
    audit,
    hits: json(await node.vivim("search", canary, "--json")),
    hitsOfBo: json(await node.vivim("search", canary, "--as", "bo", "--json")),
    contents: await contentsOf(node)
  }
}

let source: NodeProcess
let known: Awaited<ReturnType<typeof knownOf>>

beforeAll(async () => {
  source = await startNode({ dataDir: path.join(folder, "first"), env })
  assert.strictEqual((await ada.enroll(source)).status, 200)
  assert.strictEqual((await ada.unlock(source)).status, 200)
  const transcript = path.join(folder, `${canary}.md`)
  fs.writeFileSync(
    transcript,
    `# ${canary}\n\n**User:** What is ${canary}?\n\n**Assistant:** ${canary}, in code:\n\n\`\`\`text\n${canary}\n\`\`\`\n`
  )
  for (const from of [chatgpt, path.join(fixtures, "claude"), transcript]) okay(await source.vivim("import", from))
  okay(await source.vivim("import", transcript, "--as", "bo"))
  known = await knownOf(source)
  fs.copyFileSync(path.join(source.dataDir, "node.key"), keyFile)
})
afterAll(async () => {
  // Stopped already when the tests went well.
  await source.kill()
  fs.rmSync(folder, { recursive: true, force: true })
})

describe("a backup of a running node", () => {
  it("is taken with a receipt, and tells which key must be kept", async () => {
    const ran = await source.vivim("backup", file, "--json")
    const receipt = json(ran)
    assert.include(ran.stderr, `NOT in it. Keep a copy of ${path.join(source.dataDir, "node.key")}`)
    assert.deepInclude(receipt, {
      file,
      accounts: 2,
      events: known.events.length,
      position: known.audit.head.position,
      logDigest: known.audit.head.digest,
      bytes: fs.statSync(file).size,
      sha256: createHash("sha256").update(fs.readFileSync(file)).digest("hex")
    })
    assert.isAtLeast(receipt.contents, Object.keys(known.contents).length)
    if (process.platform !== "win32") assert.strictEqual(fs.statSync(file).mode & 0o777, 0o600)
  })

  it("does not take the place of a file unless told to", async () => {
    const before = fs.readFileSync(file)
    const refused = await source.vivim("backup", file)
    assert.strictEqual(refused.code, 2)
    assert.include(refused.stderr, "--force")
    assert.isTrue(fs.readFileSync(file).equals(before))
    assert.match(okay(await source.vivim("backup", file, "--force")), /^Backup of \d+ events in \d+ streams/)
    assert.strictEqual((await source.vivim("backup", path.join(folder, "no", "where"))).code, 2)
    assert.strictEqual((await source.vivim("backup", folder)).code, 2)
  })

  it("holds nothing private in plain: no word of a conversation, no key, no token", () => {
    const bytes = fs.readFileSync(file)
    const secrets = [
      Buffer.from(canary),
      Buffer.from(canary, "utf16le"),
      Buffer.from(canary).toString("base64").slice(2, -4),
      Buffer.from(canary).toString("hex"),
      Buffer.from("Quarterly totals"),
      fs.readFileSync(keyFile),
      source.token(),
      JSON.parse(fs.readFileSync(path.join(source.dataDir, "accounts", "bo.key"), "utf8")).d as string
    ]
    for (const secret of secrets) assert.isFalse(bytes.includes(secret), String(secret))
    assert.isTrue(bytes.includes("document.ConversationImported"), "routing lies open, and the scan finds it")
  })

  it("is handed to nobody without the token", async () => {
    assert.strictEqual((await fetch(`${source.origin}/api/v1/backup`)).status, 401)
    const guess = await fetch(`${source.origin}/api/v1/backup`, {
      headers: { authorization: `Bearer ${"x".repeat(43)}` }
    })
    assert.strictEqual(guess.status, 401)
  })

  it("can be looked at while the node runs, but not restored", async () => {
    assert.match(
      okay(await source.vivim("restore", file, "--check")),
      /Whole and sound: .*\n.*\nIt was made under the key/
    )
    const refused = await source.vivim("restore", file)
    assert.deepInclude(refused, { code: 1 })
    assert.include(refused.stderr, "stop it first")
    // Another port does not help: the node holds its data folder.
    const elsewhere = await vivimOn(source.dataDir, ["restore", file])
    assert.strictEqual(elsewhere.code, 1)
    assert.include(elsewhere.stderr, "Another VIVIM node runs on")
    assert.deepStrictEqual(await knownOf(source), known)
  })
})

describe("a restore that must not be", () => {
  beforeAll(async () => {
    assert.strictEqual(await source.stop(), 0)
  })

  it("is refused into the node it came from", async () => {
    const refused = await vivimOn(source.dataDir, ["restore", file])
    assert.strictEqual(refused.code, 2, refused.stderr)
    assert.match(refused.stderr, /VIVIM_DATA_DIR a new folder/)
  })

  it("is refused without the key, with another key, and when damaged: with what is wrong, and nothing touched", async () => {
    const target = path.join(folder, "untouched")
    const bytes = fs.readFileSync(file)
    const damaged = path.join(folder, "damaged")
    const other = path.join(folder, "other.key")
    fs.writeFileSync(other, Buffer.alloc(32, 3), { mode: 0o600 })
    const refusals: Array<readonly [ReadonlyArray<string>, RegExp]> = [
      [[file], /--key/],
      [[file, "--key", other], /under another node key/],
      [[file, "--key", path.join(folder, "no.key")], /cannot be used/],
      [[path.join(folder, "no.backup"), "--key", keyFile], /There is no file/],
      [[keyFile, "--key", keyFile], /not a backup/]
    ]
    for (const [args, says] of refusals) {
      const refused = await vivimOn(target, ["restore", ...args])
      assert.strictEqual(refused.code, 2, refused.stderr)
      assert.match(refused.stderr, says)
      assert.isFalse(fs.existsSync(target))
    }
    for (
      const [how, wrong] of [["flipped", bytes.map((byte, i) => i === bytes.length >> 1 ? byte ^ 1 : byte)], [
        "cut",
        bytes.subarray(0, -20)
      ]] as const
    ) {
      fs.writeFileSync(damaged, wrong)
      const refused = await vivimOn(target, ["restore", damaged, "--key", keyFile])
      assert.strictEqual(refused.code, 2, how)
      assert.match(refused.stderr, /record \d+, at byte \d+/)
      assert.isFalse(fs.existsSync(target))
    }
  })
})

/** Restores, starts the node, and holds it against what is known of the first one. */
const madeAgain = (dataDir: () => string, more: () => Readonly<Record<string, string>>) => {
  it("is the node it was: history, views, conversations, contents, accounts", async () => {
    const ran = await vivimOn(dataDir(), ["restore", file, "--key", keyFile, "--json"], more())
    assert.deepInclude(json(ran), {
      handles: ["ada", "bo"],
      events: known.events.length,
      logDigest: known.audit.head.digest
    })
    assert.isTrue(fs.readFileSync(path.join(dataDir(), "node.key")).equals(fs.readFileSync(keyFile)))
    const node = await startNode({ dataDir: dataDir(), env: { ...env, ...more() } })
    try {
      // Her keys came along, wrapped; what opens them did not.
      assert.strictEqual(await ada.state(node), "locked")
      const search = async () => (await knock(node, "GET", `/search?query=${canary}`)).status
      assert.strictEqual(await search(), 423)
      assert.strictEqual((await ada.unlock(node)).status, 200)
      await until(search, (status) => status === 200, "her library is built")
      assert.deepStrictEqual(await knownOf(node), known)
      assert.match(okay(await node.vivim("replay", "--compare")), /All views equal/)
      assert.isTrue(json(await node.vivim("doctor", "--json")).ok)
      assert.notStrictEqual(node.token(), fs.readFileSync(path.join(source.dataDir, "session.token"), "utf8").trim())
      // It goes on: what was there is known, what is new comes after it.
      const again = json(await node.vivim("import", path.join(fixtures, "claude"), "--json"))
      assert.strictEqual(again.conversations.imported, 0)
      okay(await node.vivim("import", path.join(fixtures, "generic/transcript.md"), "--json"))
      assert.isTrue(json(await node.vivim("audit", "--json")).sound)
      assert.notStrictEqual((await vivimOn(dataDir(), ["restore", file], more())).code, 0)
    } finally {
      await node.stop()
    }
  })
}

describe("a node made again on the embedded database", () => {
  madeAgain(() => path.join(folder, "embedded"), () => ({}))
})

// Only where the system has PostgreSQL's server programs: `noServer` says why not.
describe.skipIf(noServer !== null)("a node made again on a PostgreSQL server", () => {
  const scope = Effect.runSync(Scope.make())
  let url: string
  beforeAll(async () => {
    const server = await Effect.runPromise(Scope.extend(serverPostgres, scope))
    url = Redacted.value(await Effect.runPromise(server.newDatabase))
  })
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  madeAgain(() => path.join(folder, "server"), () => ({ VIVIM_DATABASE_URL: url }))

  it("leaves no table that a restore would not look into first", async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query(
      "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    )
    await client.end()
    // The log's own, which must be empty in any case, one row of the tree that every node begins with, and how far tables were made.
    const known = new Set([...leftovers, "log", "event", "event_migration", "cluster_migrations", "audit_tree"])
    assert.isAbove(rows.length, 20)
    assert.deepStrictEqual(rows.map(({ relname }) => relname).filter((name) => !known.has(name)), [])
  })
})
