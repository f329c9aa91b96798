/**
 * Deleting a message, a conversation for good, an account, of who has a vault: unique words through every feature, then everything on the
 * disk looked through, with the node's key and the store key in hand. Before each deletion the words are found where the table of places says.
 */
import type { KeyRow } from "@vivim/crypto/vault/VaultRows"
import { unzipSync } from "fflate"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { ensureBuilt } from "../../infra/build.ts"
import { writeExport } from "../bench/GenerateExport.ts"
import { newDevice } from "../conformance/SigningClient.ts"
import { freePort, type NodeProcess, run, startNode, temporary } from "../e2e/NodeProcess.ts"
import { hitsIn } from "./Canary.ts"
import { finds, firstExport, type Found, misses, secondExport, words } from "./CanaryPlaces.ts"
import { knock, until } from "./Company.ts"
import { type Loot, steal } from "./Loot.ts"
import { said } from "./Said.ts"
import { keeper } from "./Vault.ts"

const ada = keeper()
const folder = temporary("shredding")
/** What the operator keeps elsewhere. */
const elsewhere = temporary("shredding-kept")
const dataDir = path.join(folder, "data")
const { account, conversation, message } = words
let node: NodeProcess
let userId: string
let output = ""
let backups = 0

const asked = async (method: string, at: string, body?: object) => {
  const answer = await knock(node, method, at, body)
  assert.strictEqual(answer.status, 200, `${method} ${at} ${JSON.stringify(answer.body)}`)
  return answer.body
}
const say = (documentId: string, id: string, text: string, parent: string | null = null) =>
  asked("POST", `/conversations/${documentId}/messages`, {
    documentId,
    message: said(id, text, parent, 1_700_000_000_000)
  })
const vivim = async (...args: ReadonlyArray<string>) => {
  const { code, stderr, stdout } = await node.vivim(...args)
  assert.strictEqual(code, 0, `${args.join(" ")}: ${stdout}${stderr}`)
  return stdout
}
const found = async (word: string) => (await knock(node, "GET", `/search?query=${word}`)).body?.hits?.length
const send = async (name: string, bytes: Uint8Array): Promise<string> => {
  const sent = await fetch(`${node.origin}/api/v1/imports?name=${name}`, {
    method: "POST",
    headers: { authorization: `Bearer ${node.token()}` },
    body: Buffer.from(bytes)
  })
  return (await sent.json() as { importId: string }).importId
}
const bring = async (name: string, bytes: Uint8Array) => {
  const importId = await send(name, bytes)
  const ended = await until(
    async () => (await knock(node, "GET", `/imports/${importId}`)).body,
    (now) => now !== null && now.state !== "running",
    "the import ends"
  )
  assert.strictEqual(ended.state, "imported", JSON.stringify(ended))
  return importId
}
const receipts = async () =>
  (await vivim("events", "--type", "vault.*", "--json")).trim().split("\n").filter(Boolean).map((line) =>
    JSON.parse(line)
  )
const destroyed = (count: number) => until(receipts, ({ length }) => length === count, `${count} are shredded`)
const backup = async () => {
  const file = path.join(folder, `${++backups}.backup`)
  await vivim("backup", file)
  return file
}
/** Lists, the trash, every receipt, and an export of the account, unpacked. */
const shown = async (): Promise<ReadonlyArray<Buffer>> => {
  const imports = (await knock(node, "GET", "/imports")).body
  if (!Array.isArray(imports)) return []
  const paths = ["/conversations", "/trash", ...imports.map(({ importId }) => `/imports/${importId}/receipt`)]
  const answers = await Promise.all(paths.map((at) => knock(node, "GET", at)))
  const exported = await take()
  const files = exported.ok ? Object.values(unzipSync(new Uint8Array(await exported.arrayBuffer()))) : []
  return [...answers.map(({ body }) => Buffer.from(JSON.stringify(body))), ...files.map((bytes) => Buffer.from(bytes))]
}
const take = () =>
  fetch(`${node.origin}/api/v1/account/export`, { headers: { authorization: `Bearer ${node.token()}` } })
const loot = async (): Promise<Found> => ({
  ...await steal(dataDir, await backup(), userId, ada.storeKey),
  shown: await shown()
})

/** Wrapped keys of these streams, as they lie. */
const keysOf = ({ keys }: Pick<Loot, "keys">, isOf: (stream: string) => boolean) =>
  keys.filter(({ stream }) => isOf(stream))

/** The files of the folder in which any of these bytes are. */
const filesWith = (keys: ReadonlyArray<KeyRow>) =>
  fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => {
    const file = path.join(folder, name)
    if (fs.statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false
    const bytes = fs.readFileSync(file)
    return keys.some(({ wrapped }) => bytes.includes(Buffer.from(wrapped!)))
  })

/** Backups made so far are kept elsewhere: what is deleted from now on is in them, and not to be found beside the node. */
const putAway = () => {
  for (const name of fs.readdirSync(folder).filter((name) => name.endsWith(".backup"))) {
    fs.renameSync(path.join(folder, name), path.join(elsewhere, name))
  }
}

/** All that is on the disk of a node that has ended, and what its keys open of it while it runs. */
const nothingOf = async (given: Readonly<Record<string, string>>, keys: ReadonlyArray<KeyRow>) => {
  const now = await loot()
  assert.deepStrictEqual(finds(now, Object.values(given)), [])
  for (const args of [["replay", "--compare"], ["audit"]]) await vivim(...args)
  output += node.output()
  assert.strictEqual(await node.stop(), 0)
  assert.deepStrictEqual(filesWith(keys), [], "no copy of a wrapped key is left")
  assert.deepStrictEqual(hitsIn(folder, given, output), [])
  return now
}
const goOn = async () => {
  node = await node.again()
  assert.strictEqual((await ada.unlock(node)).status, 200)
}

/** A node made again from a backup, with what lies beside the key of the one it was made on; gone when the work is done. */
const restored = async (backup: string, work: (again: NodeProcess) => Promise<void>) => {
  const elsewhere = path.join(temporary("shredding-restored"), "data")
  const env = { VIVIM_HANDLE: "ada" }
  const { vivim: program } = await ensureBuilt()
  const made = await run(program, ["restore", backup, "--key", path.join(dataDir, "node.key")], {
    ...env,
    VIVIM_DATA_DIR: elsewhere,
    VIVIM_PORT: String(await freePort())
  })
  assert.strictEqual(made.code, 0, made.stdout + made.stderr)
  const again = await startNode({ dataDir: elsewhere, env })
  try {
    await work(again)
  } finally {
    await again.stop()
  }
}

beforeAll(async () => {
  node = await startNode({
    dataDir,
    env: {
      VIVIM_HANDLE: "ada",
      VIVIM_LOG_LEVEL: "debug",
      VIVIM_ACTOR_SNAPSHOT_EVERY: "10",
      VIVIM_EVENT_STORE_SEGMENT_EVENTS_MAX: "16"
    }
  })
  assert.strictEqual((await ada.enroll(node)).status, 200)
  assert.strictEqual((await ada.unlock(node)).status, 200)
  userId = (await asked("GET", "/account")).userId
  for (const [documentId, title] of [["d1", account.keptTitle], ["d2", conversation.title]] as const) {
    await asked("POST", "/conversations", { documentId, title })
  }
  await say("d1", "m1", account.kept)
  await say("d1", "m2", message.text, "m1")
  await say("d2", "k1", conversation.text)
  for (let n = 3; n < 24; n++) {
    await say("d1", `m${n}`, `${account.kept} ${n}`, `m${n - 1}`)
    await say("d2", `k${n}`, `${conversation.text} ${n}`, "k1")
  }
  await bring(`${account.upload}.zip`, firstExport())
  // The archive takes whole segments.
  for (let n = 0; n < 16; n++) await asked("POST", "/circles", { circleId: `c${n}`, name: `Circle ${n}` })
  await vivim("archive", "--before", "1000000")
  await bring("again.zip", secondExport())
  await asked("POST", "/conversations/d2/tags", { tag: conversation.tag })
  await asked("POST", "/conversations", { documentId: "d3", title: conversation.trashedTitle })
  await say("d3", "t1", conversation.trashed)
  await asked("POST", "/conversations/d3/trash", { documentId: "d3" })
  await asked("POST", "/circles", { circleId: "circle", name: account.circle })
  const deviceId = newDevice().deviceId
  await asked("POST", `/users/${userId}/devices`, { userId, deviceId, name: account.device })
  await asked("PATCH", `/users/${userId}/profile`, { displayName: account.profile, bio: account.profile })
  await say("d1", "m24", account.kept, "m23")
  await until(() => found(conversation.imported), (n) => n === 1, "all is in the library")
}, 180_000)
afterAll(() => node?.kill())

describe("what is shredded", () => {
  let before: Found
  let first: Found

  it("was in every place there is", async () => {
    before = await loot()
    assert.deepStrictEqual(misses(before), [])
    first = before
  }, 60_000)

  it("a message: in no place, under no key that is left; all else is", async () => {
    const keys = keysOf(before, (stream) => stream === "document/d1")
    assert.isNotEmpty(filesWith(keys), "their keys were on the disk")
    putAway()
    await asked("DELETE", "/conversations/d1/messages/m2", {})
    await destroyed(1)
    const now = await nothingOf(words.message, keys)
    for (const word of [...Object.values(conversation), ...Object.values(account)]) {
      assert.isNotEmpty(finds(now, [word]), `${word} is there yet`)
    }
    await goOn()
  }, 120_000)

  it("conversations, also from the trash, with verbatim records that only receipts speak of", async () => {
    const imported = (await asked("GET", `/search?query=${conversation.imported}`)).hits[0].documentId
    const gone = ["d2", "d3", imported]
    before = await loot()
    const keys = keysOf(before, (stream) => gone.some((id) => stream === `document/${id}`))
    assert.lengthOf(keys, 3)
    putAway()
    for (const id of gone) await asked("DELETE", `/conversations/${id}`, {})
    await destroyed(4)
    assert.deepStrictEqual(finds(await loot(), Object.values(conversation)), [])
    // What was deleted for good is not brought back by the same file.
    await bring("once-more.zip", firstExport())
    const now = await nothingOf({ ...words.message, ...conversation }, keys)
    for (const word of Object.values(account)) assert.isNotEmpty(finds(now, [word]), `${word} is there yet`)
    await goOn()
  }, 120_000)

  it("a backup from before, restored with the list of deletions, brings none of it back", async () => {
    const old = path.join(elsewhere, "1.backup")
    const keys = keysOf(first, (stream) => stream === "document/d1" || stream === "document/d2")
    const bytes = fs.readFileSync(old)
    assert.isTrue(keys.every(({ wrapped }) => bytes.includes(Buffer.from(wrapped!))), "it would bring them back")
    await restored(old, async (again) => {
      assert.strictEqual((await ada.unlock(again)).status, 200)
      await until(
        async () => (await again.vivim("events", "--type", "vault.*", "--json")).stdout.trim().split("\n").length,
        (n) => n === 4,
        "what was deleted since is shredded again"
      )
      const kept = path.join(elsewhere, "restored.backup")
      assert.strictEqual((await again.vivim("backup", kept)).code, 0)
      const now = { ...await steal(again.dataDir, kept, userId, ada.storeKey), shown: [] }
      assert.deepStrictEqual(finds(now, [...Object.values(message), ...Object.values(conversation)]), [])
      assert.isNotEmpty(finds(now, [account.kept]), "all else is there")
      for (const args of [["replay", "--compare"], ["audit"]]) {
        const { code, stderr, stdout } = await again.vivim(...args)
        assert.strictEqual(code, 0, stdout + stderr)
      }
    })
  }, 120_000)

  it("an account, locked, with an upload that waits and an export under way: nothing of it opens", async () => {
    before = await loot()
    const keys = keysOf(before, () => true)
    putAway()
    const taken = await take()
    assert.strictEqual(taken.status, 200)
    const large = path.join(elsewhere, "conversations.json")
    writeExport(large, { conversations: 1_000, seed: 3 })
    const text = fs.readFileSync(large, "utf8").replace(/"title": ?"[^"]*"/, `"title":"${account.upload}"`)
    await send("large.json", Buffer.from(text))
    assert.strictEqual((await ada.lock(node)).status, 200)
    const spool = path.join(dataDir, "spool")
    assert.isNotEmpty(fs.readdirSync(spool), "it waits")
    assert.strictEqual((await ada.unlock(node)).status, 200)
    await asked("DELETE", `/users/${userId}`, {})
    await taken.body?.cancel()
    await destroyed(5)
    // What is told of it: which stream, up to where, whose.
    for (const event of await receipts()) {
      assert.deepStrictEqual(Object.keys(event.routing).toSorted(), ["all", "stream", "upTo"])
    }
    await nothingOf({ ...words.message, ...conversation, ...account }, keys)
    assert.deepStrictEqual(fs.readdirSync(spool), [])
    await restored(path.join(elsewhere, "1.backup"), async (again) => {
      assert.strictEqual((await ada.unlock(again)).body._tag, "WrongStoreKey")
      const kept = path.join(elsewhere, "left.backup")
      assert.strictEqual((await again.vivim("backup", kept)).code, 0)
      const now = { ...await steal(again.dataDir, kept, userId, ada.storeKey), shown: [] }
      assert.deepStrictEqual(finds(now, Object.values(words).flatMap((some) => Object.values(some))), [])
    })
  }, 120_000)
})
