/**
 * What the web client of 2026 did before it used the account library, as far as it left something behind: an account made in this page, with its
 * keys laid down in IndexedDB, on the node and in the log as it wrote them. It is kept to show that such accounts still open.
 */
import { NodeSession } from "@vivim/client/NodeSession"
import { SessionKeeper } from "@vivim/client/SessionKeeper"
import * as BrowserCryptoSuite from "@vivim/crypto/BrowserCryptoSuite"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { CryptoSuite } from "@vivim/crypto/CryptoSuite"
import * as Operation from "@vivim/crypto/did/Operation"
import * as DidKey from "@vivim/crypto/DidKey"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as RecoveryKit from "@vivim/crypto/RecoveryKit"
import { DisplayName, Handle } from "@vivim/event-schemas/ids"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/** The compiler's page is Node's. */
interface Request {
  result: any
  onsuccess: () => void
  onupgradeneeded: () => void
}
declare const indexedDB: { open(name: string, version: number): Request }
declare const localStorage: { setItem(key: string, value: string): void }
declare const location: { readonly origin: string }

const utf8 = new TextEncoder()
const base64url = Encoding.encodeBase64Url
const asked = (request: Request) => new Promise<any>((resolve) => request.onsuccess = () => resolve(request.result))

const laidDown = async (record: { readonly account: { readonly userId: string } }) => {
  const opening = indexedDB.open("vivim", 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore("keys")
  const database = await asked(opening)
  await asked(database.transaction("keys", "readwrite").objectStore("keys").put(record, record.account.userId))
  database.close()
}

const sealedUnder = async (sealing: Parameters<typeof crypto.subtle.encrypt>[1], secrets: object) => {
  const iv = crypto.getRandomValues(new Uint8Array(12))
  return {
    iv,
    bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, sealing, utf8.encode(JSON.stringify(secrets)))
  }
}

const rotation = (root: Uint8Array, n: number) =>
  Effect.flatMap(CryptoSuite, ({ hkdf, signerOf }) =>
    Effect.flatMap(
      hkdf({ key: root, salt: utf8.encode("vivim/rotation/1"), info: utf8.encode(String(n)), length: 32 }),
      (seed) => signerOf(Redacted.make(seed))
    ))

const made = Effect.gen(function*() {
  const { kemKeyOf, randomBytes, signerOf } = yield* CryptoSuite
  const held = Option.getOrThrow(yield* BrowserCryptoSuite.newDeviceKeys)
  const signer = yield* BrowserCryptoSuite.deviceSigner(held)
  const [root, kemSeed, secret] = [
    yield* randomBytes(32),
    yield* randomBytes(32),
    Redacted.make(yield* randomBytes(32))
  ]
  const kem = yield* kemKeyOf(Redacted.make(kemSeed))
  const { rotationSeed, wrapKey } = yield* RecoveryKit.keysOf(secret)
  const deviceId = DidKey.deviceId(signer.publicKey)
  const by = yield* rotation(root, 0)
  const next = Operation.keyHash((yield* rotation(root, 1)).publicKey)
  const statement: Operation.Statement = {
    v: 1,
    seq: 0,
    prev: null,
    key: by.publicKey,
    devices: { [deviceId]: { kem: Operation.keyHash(kem.publicKey), next } },
    recovery: [Operation.keyHash((yield* signerOf(rotationSeed)).publicKey)],
    services: {},
    aka: [],
    ts: yield* Clock.currentTimeMillis
  }
  const operation = Operation.signed(statement, yield* by.sign(Operation.messageOf(statement)))
  const userId = Operation.didOf(statement)
  const master = yield* KeyHierarchy.newMasterKey
  const wraps = [
    {
      deviceId,
      sealed: base64url(yield* KeyHierarchy.wrapForDevice(master, { account: userId, device: deviceId }, kem.publicKey))
    },
    { deviceId: null, sealed: base64url(yield* KeyHierarchy.wrapForKit(master, userId, wrapKey)) }
  ]
  const storeKey = yield* KeyHierarchy.branch(master, "store")
  const { hkdf } = yield* CryptoSuite
  const check = yield* hkdf({
    key: Redacted.value(storeKey),
    salt: utf8.encode("vivim/store/v1"),
    info: utf8.encode("check"),
    length: 32
  })
  return {
    userId,
    deviceId,
    signer,
    genesis: { operation, kemKeys: [kem.publicKey] },
    held,
    secrets: { signing: null, rotation: base64url(root), kem: base64url(kemSeed), master: null },
    wraps,
    vault: { check: base64url(check), storeKey: base64url(Redacted.value(storeKey)) },
    kit: Redacted.value(Either.getOrThrow(RecoveryKit.print(secret)))
  }
})

/** Opens an account as it was opened then; answers its kit, group by group. */
const openAccount = (handle: string) =>
  Effect.gen(function*() {
    const { deviceId, genesis, held, kit, secrets, signer, userId, vault, wraps } = yield* made
    const session = yield* NodeSession
    const by = { userId, deviceId, sign: signer.sign }
    yield* session.signUp(by, { handle: Handle.make(handle), displayName: DisplayName.make(handle), genesis })
    const send = (path: string, body: object) =>
      Effect.gen(function*() {
        const url = `${location.origin}/api/v1${path}`
        const headers = Object.fromEntries(yield* session.headers({ method: "POST", url }))
        const sent = yield* Effect.promise(() =>
          fetch(url, {
            method: "POST",
            headers: { ...headers, "content-type": "application/json" },
            body: JSON.stringify(body)
          })
        )
        if (!sent.ok) return yield* Effect.dieMessage(`${path} was answered ${sent.status}`)
      })
    yield* send(`/users/${userId}/wraps`, { generation: 1, wraps, commandId: yield* CommandIds.next })
    yield* send("/vault", { check: vault.check })
    yield* send("/vault/unlock", { storeKey: vault.storeKey })
    const account = { userId, handle, displayName: handle, deviceId }
    const sealing = yield* Effect.promise(() =>
      crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])
    )
    const kept = yield* Effect.flatMap(SessionKeeper, ({ load }) => load)
    const sealed = yield* Effect.promise(() => sealedUnder(sealing, secrets))
    yield* Effect.promise(() =>
      laidDown({ account, signing: held, sealing, sealed, kitWrap: null, session: kept } as never)
    )
    localStorage.setItem("vivim.accounts", JSON.stringify([account]))
    localStorage.setItem("vivim.signed-in", userId)
    return kit.split("-")
  }).pipe(
    Effect.provide(Layer.provideMerge(
      Layer.merge(NodeSession.layer(location.origin), BrowserCryptoSuite.layer),
      SessionKeeper.layerMemory
    )),
    Effect.runPromise
  )

const earlierBrowser = { openAccount }
/** What the page can be asked. */
export type EarlierBrowser = typeof earlierBrowser

Object.assign(globalThis, { vivimEarlier: earlierBrowser })
