/** People who take their account out of a node and bring it to another: what they do at a node, and what lies in the file they carry. */
import * as Account from "@vivim/client/account/Account"
import * as DeviceKeys from "@vivim/client/account/DeviceKeys"
import { NodeSession } from "@vivim/client/NodeSession"
import type { Calls } from "@vivim/client/VivimClient"
import { FileConversation, FileIdentity, linesOf, Manifest, places } from "@vivim/contract/AccountFile"
import { FileEvent, frameAt } from "@vivim/contract/EventFrames"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import { checkOf } from "@vivim/crypto/vault/KeyRing"
import * as Canonical from "@vivim/event-schemas/Canonical"
import { DisplayName } from "@vivim/event-schemas/ids"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { unzipSync } from "fflate"
import { createHash } from "node:crypto"
import { type Device, inSession, newDevice, wanted } from "./Devices.ts"
import type { NodeProcess } from "./NodeProcess.ts"

export interface Mover {
  readonly node: NodeProcess
  readonly device: Device
  readonly calls: Calls
}

/** A request to the node's REST face, in the session of a device. */
export const ask = async (
  { device, node }: Pick<Mover, "device" | "node">,
  method: string,
  path: string,
  body?: Uint8Array
) => {
  const url = `${node.origin}/api/v1${path}`
  const headers = await device(Effect.flatMap(NodeSession, (session) => session.headers({ method, url })))
  return await fetch(url, {
    method,
    headers: Object.fromEntries(headers),
    ...body === undefined ? {} : { body: Buffer.from(body) }
  })
}

export const run = <A, E>(work: Effect.Effect<A, E>): Promise<A> => Effect.runPromise(work)

/** Brings the vault of an account into being, and opens it: its store key comes of the newest master key. */
export const vaulted = async ({ calls, device }: Pick<Mover, "calls" | "device">): Promise<void> => {
  const storeKey = await device(Effect.gen(function*() {
    const { keys } = yield* Account.own
    return yield* KeyHierarchy.branch(DeviceKeys.masterKeyOf(keys)!.key, "store")
  }))
  await run(calls.EnrollVault({ check: Redacted.make(checkOf(Redacted.value(storeKey))) }))
  await run(calls.UnlockVault({ storeKey }))
}

/** Somebody new at a node, with a vault. */
export const arrive = async (node: NodeProcess, handle: string, scope: Scope.Scope) => {
  const device = newDevice(node)
  const created = await device(Account.create(wanted(handle)))
  const calls = await inSession(node, device, scope)
  await device(Account.secure(calls, created, DisplayName.make("Phone")))
  await vaulted({ calls, device })
  return { node, device, calls, did: created.did, kit: created.kit }
}

/** Hands a file over for import, and waits for its end. */
export const bring = async (mover: Mover, name: string, bytes: Uint8Array) => {
  const answer = await ask(mover, "POST", `/imports?name=${encodeURIComponent(name)}`, bytes)
  const { importId } = await answer.json() as any
  return await run(
    mover.calls.WatchImport({ importId }).pipe(
      Stream.filter(({ state }) => state !== "running"),
      Stream.runHead,
      Effect.flatten,
      Effect.retry({
        while: (error) => error._tag === "NoSuchImport",
        times: 200,
        schedule: Schedule.spaced("50 millis")
      })
    )
  )
}

/** All that is the account's, as the node hands it out. */
export const takeOut = async (mover: Pick<Mover, "device" | "node">): Promise<Uint8Array> => {
  const answer = await ask(mover, "GET", "/account/export")
  if (!answer.ok) throw new Error(`no export: ${answer.status} ${await answer.text()}`)
  return new Uint8Array(await answer.arrayBuffer())
}

const sha256 = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex")
const linesIn = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8").split("\n").filter((line) => line !== "")
const jsonIn = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString("utf8")) as unknown

/** The events of the sequence, each decoded. */
const eventsIn = (bytes: Uint8Array) => {
  const events: Array<FileEvent> = []
  for (let at = 0; at < bytes.length;) {
    const found = frameAt(bytes.subarray(at, at + 9))
    if (found === null || found === "broken") throw new Error(`no frame at ${at}`)
    const start = at + found.head
    events.push(Schema.decodeUnknownSync(FileEvent)(Canonical.decode(bytes.subarray(start, start + found.length))))
    at = start + found.length
  }
  return events
}

/** The file, unpacked and held against its own sums. */
export const opened = (file: Uint8Array) => {
  const entries = unzipSync(file)
  const manifest = Schema.decodeUnknownSync(Manifest)(jsonIn(entries[places.manifest]!))
  for (const { bytes, name, sha256: sum } of manifest.entries) {
    if (entries[name]?.length !== bytes || sha256(entries[name]) !== sum) throw new Error(`${name} is not what it was`)
  }
  if (sha256(linesOf(manifest.entries)) !== manifest.root) throw new Error("the root is not that of the entries")
  const conversations = linesIn(entries[places.conversations]!).map((line) =>
    Schema.decodeUnknownSync(FileConversation)(JSON.parse(line))
  )
  return {
    entries,
    manifest,
    conversations,
    events: eventsIn(entries[places.events]!),
    identity: Schema.decodeUnknownSync(FileIdentity)(jsonIn(entries[places.identity]!)),
    security: linesIn(entries[places.security]!).map((line) => JSON.parse(line) as any),
    imports: linesIn(entries[places.imports]!).map((line) => JSON.parse(line) as any),
    contents: Object.keys(entries).filter((name) => name.startsWith(places.contents)).toSorted()
  }
}
