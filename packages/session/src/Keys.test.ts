/** What a node's session key signs and makes, against what others would like it to take for its own. */
import { type Answer, signed } from "@vivim/contract/SignIn"
import { DeviceId, Did, Handle } from "@vivim/event-schemas/ids"
import { SessionId } from "@vivim/event-schemas/session/Means"
import * as Effect from "effect/Effect"
import { base58btc } from "multiformats/bases/base58"
import * as crypto from "node:crypto"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as AccessToken from "./AccessToken.ts"
import * as Challenge from "./Challenge.ts"
import * as RefreshToken from "./RefreshToken.ts"
import * as SessionKey from "./SessionKey.ts"

let folder: string
let key: SessionKey.SessionKey
let other: SessionKey.SessionKey
const open = (name: string) => Effect.runPromise(SessionKey.open(path.join(folder, name)))
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-keys-"))
  key = await open("one.key")
  other = await open("other.key")
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const device = crypto.generateKeyPairSync("ed25519")
const raw = Buffer.from(device.publicKey.export({ format: "jwk" }).x!, "base64url")
const deviceId = DeviceId.make(base58btc.encode(Uint8Array.of(0xed, 0x01, ...raw)))
const userId = Did.make(`did:key:${deviceId}`)
const origin = "https://vivim.example"
const sessionId = SessionId.make("A".repeat(22))

const claims = {
  sub: userId,
  sid: sessionId,
  handle: Handle.make("ada"),
  device: deviceId,
  auth_time: 1,
  cnf: { jkt: "a thumbprint" }
}

describe("a session key", () => {
  it("K1 is known by its own thumbprint, the same each time it is read, and another node's is another", async () => {
    assert.strictEqual((await open("one.key")).issuer, key.issuer)
    assert.notStrictEqual(other.issuer, key.issuer)
    assert.include(key.issuer, key.kid)
    fs.writeFileSync(path.join(folder, "bad.key"), "nothing", { mode: 0o600 })
    const refusal = await Effect.runPromise(Effect.flip(SessionKey.open(path.join(folder, "bad.key"))))
    assert.include(refusal.message, "bad.key")
  })

  it("K2 makes other secrets for another use, other words, and words parted otherwise", () => {
    const made = [
      key.mac("challenge", "ab", "c"),
      key.mac("refresh", "ab", "c"),
      key.mac("challenge", "a", "bc"),
      key.mac("challenge", "abc"),
      other.mac("challenge", "ab", "c")
    ].map((mac) => mac.toString("hex"))
    assert.strictEqual(new Set(made).size, made.length)
    assert.strictEqual(key.mac("challenge", "ab", "c").toString("hex"), made[0])
  })
})

describe("a challenge", () => {
  const now = 1_000_000
  const asked = { userId, deviceId, purpose: "sign-in" as const, bound: "" }
  const expected = { purpose: "sign-in" as const, bound: "", origins: [origin], now }
  const answer = (change: Partial<Answer> = {}, by = device.privateKey): Answer => {
    const { expiresAt, nonce } = Challenge.make(key, asked, origin, now + 1)
    const given = { userId, deviceId, nonce, expiresAt, origin, ...change }
    return { ...given, signature: change.signature ?? crypto.sign(null, signed(given), by).toString("base64url") }
  }

  it("H1 is answered for what it was made for, and for nothing else", () => {
    assert.isTrue(Challenge.isAnswered(key, answer(), expected))
    assert.isFalse(Challenge.isAnswered(key, answer(), { ...expected, purpose: "step-up" }))
    assert.isFalse(Challenge.isAnswered(key, answer(), { ...expected, bound: sessionId }))
    assert.isFalse(Challenge.isAnswered(key, answer(), { ...expected, now: now + 1 }), "it has expired")
    assert.isFalse(Challenge.isAnswered(key, answer({ expiresAt: now + 60_000 }), expected), "its end is not put off")
    assert.isFalse(Challenge.isAnswered(key, answer({ userId: Did.make("did:key:zBo") }), expected))
    assert.isFalse(Challenge.isAnswered(other, answer(), expected), "another node did not make it")
    assert.isFalse(Challenge.isAnswered(key, answer({ nonce: "A".repeat(64) }), expected), "nobody made it")
  })

  it("H2 is not answered for another origin, nor by another key than the device's own", () => {
    assert.isFalse(Challenge.isAnswered(key, answer({ origin: "https://evil.example" }), expected))
    assert.isFalse(Challenge.isAnswered(key, answer(), { ...expected, origins: ["https://other.example"] }))
    assert.isFalse(Challenge.isAnswered(key, answer({}, crypto.generateKeyPairSync("ed25519").privateKey), expected))
    assert.isFalse(Challenge.isAnswered(key, answer({ signature: "A".repeat(86) }), expected))
    assert.isFalse(Challenge.isAnswered(key, answer({ deviceId: DeviceId.make("phone") }), expected))
  })
})

describe("an access token", () => {
  const now = 1_700_000_000_000

  it("T1 is taken by the node that made it, until it expires, also when it was taken before", async () => {
    const run = Effect.runPromise
    const at = Date.now()
    const [read, readOther] = [AccessToken.reader(key), AccessToken.reader(other)]
    const token = await run(AccessToken.make(key, claims, at, 60_000))
    assert.strictEqual((await run(read(token)))?.sub, userId)
    assert.strictEqual((await run(read(token)))?.sub, userId)
    assert.isNull(await run(readOther(token)))
    assert.isNull(await run(read(await run(AccessToken.make(key, claims, now, 60_000)))), "it is old")
    assert.isNull(await run(read("nothing")))
  })

  it("T2 says to whose key it is bound", async () => {
    const token = await Effect.runPromise(AccessToken.make(key, claims, Date.now(), 60_000))
    assert.strictEqual((await Effect.runPromise(AccessToken.reader(key)(token)))?.cnf.jkt, claims.cnf.jkt)
  })
})

describe("a refresh token", () => {
  const salt = crypto.randomBytes(16)

  it("R1 is one of its session, number, salt and node, or none", () => {
    const named = RefreshToken.parse(RefreshToken.make(key, sessionId, 3, salt))
    assert.isNotNull(named)
    assert.isTrue(RefreshToken.isMade(key, named!, salt))
    assert.isFalse(RefreshToken.isMade(key, { ...named!, number: 4 }, salt))
    assert.isFalse(RefreshToken.isMade(key, { ...named!, sessionId: SessionId.make("B".repeat(22)) }, salt))
    assert.isFalse(RefreshToken.isMade(key, named!, crypto.randomBytes(16)))
    assert.isFalse(RefreshToken.isMade(other, named!, salt))
    for (const none of ["", "a.b.c", `${sessionId}.1.short`, `${sessionId}.-1.${"A".repeat(43)}`]) {
      assert.isNull(RefreshToken.parse(none))
    }
  })
})
