/** An account taken out of one node and brought to another, with the first one dead: everything is there, and equal. */
import * as Account from "@vivim/client/account/Account"
import * as AgeFile from "@vivim/client/account/AgeFile"
import * as Moving from "@vivim/client/account/Moving"
import * as MovingFile from "@vivim/client/account/MovingFile"
import * as NewAccount from "@vivim/client/account/NewAccount"
import * as Recovery from "@vivim/client/account/Recovery"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { DisplayName, DocumentId, MessageId, Tag, Title } from "@vivim/event-schemas/ids"
import { hashed } from "@vivim/import/MessageHash"
import { generateX25519Identity, identityToRecipient } from "age-encryption"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as fs from "node:fs"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import { inSession, invitingNode, type Needs, newDevice, wanted } from "./Devices.ts"
import { arrive, ask, bring, type Mover, opened, run, takeOut, vaulted } from "./Movers.ts"
import { type NodeProcess, startNode, temporary } from "./NodeProcess.ts"

const samples = path.join(import.meta.dirname, "../fixtures/exports")
const sample = (name: string) => fs.readFileSync(path.join(samples, name))
const scope = Effect.runSync(Scope.make())
let first: NodeProcess
let second: NodeProcess | undefined
let ada: Awaited<ReturnType<typeof arrive>>

beforeAll(async () => {
  first = await startNode({ env: invitingNode })
  ada = await arrive(first, "ada", scope)
}, 180_000)

afterAll(async () => {
  await second?.stop()
  await run(Scope.close(scope, Exit.void))
  await first?.stop()
})

const own = DocumentId.make("my-own")
const message = (id: string, parent: string | null, text: string) =>
  hashed({
    id: MessageId.make(id),
    parent: parent === null ? null : MessageId.make(parent),
    role: "user",
    author: null,
    model: null,
    at: 1_760_000_000_000,
    hidden: null,
    blocks: [{ _tag: "Text", text, citations: [] }]
  })

/** A library that has been lived in: imported, begun here, renamed, tagged, archived, put in the trash, with messages deleted. */
const liveIn = async ({ calls }: Mover, imported: number) => {
  const commandId = () => run(CommandIds.next)
  const library = await run(
    Effect.flatten(Stream.runHead(Stream.filter(calls.WatchLibrary({}), ({ total }) => total === imported)))
  )
  const [one, two, three, four] = library.items.map(({ documentId }) => documentId)
  await run(
    calls.RenameConversation({ commandId: await commandId(), documentId: one!, title: Title.make("Großes 茶 & more") })
  )
  await run(calls.TagConversation({ commandId: await commandId(), documentId: one!, tag: Tag.make("tea") }))
  await run(calls.ArchiveConversation({ commandId: await commandId(), documentId: two! }))
  await run(calls.TrashConversation({ commandId: await commandId(), documentId: three! }))
  const outline = await run(Effect.flatten(Stream.runHead(calls.WatchConversation({ documentId: four! }))))
  await run(
    calls.DeleteMessage({ commandId: await commandId(), documentId: four!, messageId: outline.nodes.at(-1)!.id })
  )
  await run(calls.StartConversation({ commandId: await commandId(), documentId: own, title: Title.make("Begun here") }))
  for (const said of [message("a", null, "xylophone one"), message("b", "a", "xylophone two")]) {
    await run(calls.AppendMessage({ commandId: await commandId(), documentId: own, message: said }))
  }
}

/** Where in the file the contents lie that a conversation speaks of. */
const contentsOf = ({ messages, raws }: ReturnType<typeof opened>["conversations"][number]) =>
  [
    ...raws,
    ...messages.flatMap(({ blocks }) => blocks.flatMap((block) => "content" in block ? block.content ?? [] : []))
  ].map(({ hash }) => `contents/${hash}`)

/** A receipt keeps no title of what came in; whoever reads it sees what the library calls it now. */
const receiptsKeepNoTitles = async ({ conversations, imports }: ReturnType<typeof opened>) => {
  const called = new Map(conversations.map((one) => [one.documentId, one.title ?? one.sourceTitle]))
  const shown: Array<string | null> = []
  for (const { importId, receipt } of imports) {
    const read = await run(ada.calls.ReadImportReceipt({ importId }))
    for (const { documentId, id, status, title } of receipt.items) {
      if (status !== "imported") continue
      assert.isNull(title, id)
      const item = read.items.find((item) => item.documentId === documentId)!
      assert.isNotEmpty(item.title, id)
      // Where nobody gave it a title, the library calls it by its first words.
      assert.strictEqual(item.title, called.get(documentId) || item.title, id)
      shown.push(item.title)
    }
  }
  assert.include(shown, "Großes 茶 & more")
}

describe("an account that leaves", () => {
  it("X1 takes every event, conversation and content with it, opened and summed", async () => {
    let imported = 0
    for (const name of ["chatgpt/chatgpt-export-2026-split.zip", "claude/conversations.json"]) {
      const { counts, state } = await bring(ada, path.basename(name), sample(name))
      assert.strictEqual(state, "imported")
      imported += counts.conversations.imported
    }
    await liveIn(ada, imported)
    const file = opened(await takeOut(ada))
    assert.strictEqual(file.manifest.did, ada.did)
    assert.strictEqual(file.manifest.counts.conversations, imported + 1)
    assert.strictEqual(file.conversations.length, imported + 1)
    assert.strictEqual(file.manifest.counts.missing, 0)
    assert.isTrue(file.events.every(({ owner }) => owner === ada.did))
    assert.strictEqual(file.events.length, file.manifest.counts.events)
    assert.includeMembers([...new Set(file.events.map(({ stream }) => stream.split("/")[0]!))], [
      "user",
      "document",
      "import"
    ])
    assert.strictEqual(file.identity.operations.length, 1)
    assert.strictEqual(file.identity.kemKeys.length, 1)
    assert.isAbove(file.contents.length, 3)
    assert.strictEqual(file.imports.length, 2)
    await receiptsKeepNoTitles(file)
    assert.include(file.security.map(({ _tag }) => _tag), "session.SessionOpened")
    const begun = file.conversations.find(({ documentId }) => documentId === own)!
    assert.deepInclude(begun, { title: "Begun here", sourceId: own, provider: "vivim" })
    const page = Object.entries(file.entries).find(([name]) => name.includes("Begun-here"))!
    assert.include(Buffer.from(page[1]).toString("utf8"), "xylophone two")
    assert.deepInclude(file.conversations.find(({ title }) => title?.includes("茶")), { tags: [Tag.make("tea")] })
    assert.strictEqual(file.conversations.filter(({ trash }) => trash !== null).length, 1)
    assert.strictEqual(file.conversations.filter(({ deleted }) => deleted.length > 0).length, 1)
  })

  it("comes into an empty account with equal hashes, item by item, and once", async () => {
    const file = await takeOut(ada)
    const before = opened(file)
    const cy = await arrive(first, "cy", scope)
    const taken = await bring(cy, "mine.zip", file)
    assert.deepInclude(taken, { state: "imported", format: "vivim-account", refusal: null })
    const { conversations, messages } = before.manifest.counts
    assert.strictEqual(taken.counts.conversations.imported + taken.counts.conversations.empty, conversations)
    assert.strictEqual(taken.counts.nodes.kept + taken.counts.nodes.hidden, messages)
    const receipt = await run(cy.calls.ReadImportReceipt({ importId: taken.importId }))
    assert.strictEqual(receipt.items.filter(({ status }) => status === "imported").length, conversations)
    const after = opened(await takeOut(cy))
    const hashes = ({ conversations }: typeof before) =>
      conversations.map(({ hash, sourceId }) => `${sourceId} ${hash}`).toSorted()
    assert.deepStrictEqual(hashes(after), hashes(before))
    assert.strictEqual(after.manifest.content, before.manifest.content)
    assert.includeMembers(after.contents, [...new Set(before.conversations.flatMap(contentsOf))])

    const again = await bring(cy, "mine.zip", file)
    assert.deepInclude(again.counts.conversations, { found: conversations, merged: conversations })
    assert.deepInclude(again.counts.nodes, { kept: 0, hidden: 0, merged: messages })
    const documents = ({ events }: typeof before) =>
      events.filter(({ stream }) => stream.startsWith("document/")).length
    assert.strictEqual(documents(opened(await takeOut(cy))), documents(after))

    const harmed = file.with(Math.floor(file.length / 2), file[Math.floor(file.length / 2)]! ^ 1)
    const refused = await bring(cy, "harmed.zip", harmed)
    assert.strictEqual(refused.state, "refused")
    assert.match(refused.refusal ?? "", /not sound/)
  })

  it("X4 tells of it in the security log, gives nobody else's, and nothing while the vault is locked", async () => {
    const log = await run(Effect.flatten(Stream.runHead(ada.calls.WatchSecurityLog({}))))
    assert.include(log.map(({ kind }) => kind), "AccountExported")
    const bo = await arrive(first, "bo", scope)
    const his = opened(await takeOut(bo))
    assert.strictEqual(his.manifest.did, bo.did)
    assert.strictEqual(his.conversations.length, 0)
    assert.isTrue(his.events.every(({ owner }) => owner === bo.did))
    await run(bo.calls.LockVault({}))
    assert.strictEqual((await ask(bo, "GET", "/account/export")).status, 423)
    assert.strictEqual((await fetch(`${first.origin}/api/v1/account/export`)).status, 401)
  })

  it("G1 comes sealed from the command line, to be opened by whoever has the passphrase", async () => {
    const folder = temporary("export")
    fs.writeFileSync(path.join(folder, "words"), "correct horse battery staple\n")
    const at = path.join(folder, "me.zip.age")
    const ran = await first.vivim("export-account", at, "--passphrase-file", path.join(folder, "words"), "--json")
    assert.strictEqual(ran.code, 0, ran.stderr)
    const sealed = fs.readFileSync(at)
    assert.isTrue(AgeFile.isSealed(sealed))
    const stream = () => new Blob([sealed]).stream() as ReadableStream<Uint8Array>
    const plain = await run(AgeFile.open(stream(), { passphrase: Redacted.make("correct horse battery staple") }))
    const file = opened(new Uint8Array(await new Response(plain as never).arrayBuffer()))
    assert.strictEqual(file.manifest.handle, "me")
    assert.strictEqual((await first.vivim("export-account", at)).code, 2)
  })
})

describe("an account that moves", () => {
  const name = DisplayName.make("New phone")
  const kitOf = ({ kit }: { readonly kit: Redacted.Redacted<string> }) => kit
  const sealedTo = async (file: Uint8Array, recipient: string) =>
    new Blob([await new Response(await run(AgeFile.seal(blobOf(file).stream(), { recipient })) as never).arrayBuffer()])
  const blobOf = (bytes: Uint8Array) => new Blob([Buffer.from(bytes)])
  /** Where somebody is who has their file and their kit, and nothing else. */
  const arriving = (file: Uint8Array, kit: Redacted.Redacted<string>) =>
    Effect.gen(function*() {
      const identity = yield* MovingFile.identityOf(blobOf(file))
      return yield* Moving.prepare({ identity, kit })
    })

  it("is refused with another's kit, another's log, a stale log, and where nobody is let in", async () => {
    second = await startNode({ env: invitingNode })
    const dora = await arrive(first, "dora", scope)
    const file = await takeOut(dora)
    const device = newDevice(second)
    const failure = <A, E extends { readonly _tag: string }>(work: Effect.Effect<A, E, Needs>) =>
      device(Effect.flip(work))
    assert.strictEqual((await failure(arriving(file, kitOf(ada))))._tag, "KitOfAnother")
    assert.strictEqual((await failure(arriving(Buffer.from("a zip"), dora.kit)))._tag, "NotAnAccountFile")
    const prepared = await device(arriving(file, dora.kit))
    const open = (other: Partial<Moving.Prepared>, invitation = wanted("dora").invitation) =>
      failure(Moving.open({ ...prepared, ...other }, { ...wanted("dora"), invitation }))
    const { after, genesis } = prepared
    const bo = await device(arriving(await takeOut(ada), ada.kit))
    const last = after.at(-1)!
    const changed = { ...last, operation: last.operation.with(-1 + last.operation.length, last.operation.at(-1)! ^ 1) }
    const refusals = [
      await open({ genesis: bo.genesis }),
      await open({ after: bo.after }),
      await open({ after: [changed] }),
      await open({ after: [{ ...last, kemKeys: [] }] }),
      await open({ after: [genesis] }),
      await open({}, Redacted.make("let me in"))
    ]
    const tags = refusals.map((refusal) => "refusal" in refusal ? refusal.refusal : refusal._tag)
    assert.isTrue(
      tags.every((tag) => ["NotSignedIn", "OperationRefused", "NotAllowed"].includes(String(tag))),
      tags.join()
    )
    assert.strictEqual(
      (await fetch(`${second.origin}/api/v1/identity/${dora.did}`)).status,
      404,
      "nothing is registered"
    )

    // The kit signed for this node: another one does not take it.
    const elsewhere = newDevice(first)
    const stray = await elsewhere(Effect.flip(NewAccount.open(prepared, { ...wanted("dora2"), after })))
    assert.include(["NodeRefused", "NotSignedIn"], stray._tag)

    // The old node lives: it is told, lets the old devices go, and says where the account is.
    await device(Moving.open(prepared, wanted("dora")))
    await device(Moving.tell(first.origin, prepared))
    const document = await (await fetch(`${first.origin}/api/v1/identity/${dora.did}`)).json() as any
    assert.include(JSON.stringify(document), second.origin)
    assert.lengthOf(document.verificationMethod ?? [], 1)
  })

  it("is at the new node with the old one dead: all readable, hashes equal, the log in one piece", async () => {
    const key = await generateX25519Identity()
    const file = await takeOut(ada)
    const sealed = await sealedTo(file, await identityToRecipient(key))
    const before = opened(file)
    await first.kill()

    const plain = await run(AgeFile.open(sealed.stream(), { identity: Redacted.make(key) }))
    const carried = new Uint8Array(await new Response(plain as never).arrayBuffer())
    const device = newDevice(second!)
    const prepared = await device(arriving(carried, ada.kit))
    await arrive(second!, "ada", scope)
    const taken = await device(Effect.flip(Moving.open(prepared, wanted("ada"))))
    assert.deepInclude(taken, { _tag: "NodeRefused", refusal: "HandleTaken" })
    const moved = await device(Moving.open(prepared, wanted("ada.moved")))
    assert.strictEqual(moved.did, ada.did)
    const calls = await inSession(second!, device, scope)
    await device(Account.secure(calls, moved, name))
    const mover = { node: second!, device, calls }
    await vaulted(mover)
    const { counts, state } = await bring(mover, "ada.zip", carried)
    assert.strictEqual(state, "imported")
    assert.strictEqual(counts.conversations.imported, before.manifest.counts.conversations)

    const after = opened(await takeOut(mover))
    assert.strictEqual(after.manifest.did, ada.did)
    assert.strictEqual(after.manifest.content, before.manifest.content)
    assert.includeMembers(after.contents, [...new Set(before.conversations.flatMap(contentsOf))])
    assert.lengthOf(after.identity.operations, before.identity.operations.length + 1)
    const found = await run(calls.Search({ query: "xylophone" } as never)) as any
    assert.isAbove(JSON.stringify(found).split("xylophone").length, 2)
    const devices = await run(Effect.flatten(Stream.runHead(calls.WatchAccount({}))))
    assert.lengthOf(devices.devices.filter(({ revokedAt }) => revokedAt === null), 1)
    // The kit goes on holding the account here.
    const again = newDevice(second!)
    await again(Recovery.recover({ origin: second!.origin, did: ada.did, kit: ada.kit }))
    assert.isTrue(await again(Account.mayState))
  })
})
