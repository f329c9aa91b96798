/** What of the crypto is measured: events and grants, by Node's engine. */
import { CryptoSuite, type Secret } from "@vivim/crypto/CryptoSuite"
import * as Envelope from "@vivim/crypto/Envelope"
import * as NodeCryptoSuite from "@vivim/crypto/NodeCryptoSuite"
import { mlKem768 } from "@vivim/crypto/NodeMlKem"
import * as RawKeys from "@vivim/crypto/RawKeys"
import * as SealedStream from "@vivim/crypto/SealedStream"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as crypto from "node:crypto"
import type { Row } from "./CryptoBench.ts"

const aes = "aes-256-gcm"
const zeroNonce = Buffer.alloc(12)

const bareSeal = (key: Uint8Array, plain: Uint8Array) => {
  const cipher = crypto.createCipheriv(aes, key, zeroNonce)
  const body = cipher.update(plain)
  cipher.final()
  return { body, tag: cipher.getAuthTag() }
}

const bareOpen = (key: Uint8Array, { body, tag }: ReturnType<typeof bareSeal>) => {
  const decipher = crypto.createDecipheriv(aes, key, zeroNonce)
  decipher.setAuthTag(tag)
  decipher.update(body)
  decipher.final()
}

const secret = (): Secret => Redacted.make(new Uint8Array(crypto.randomBytes(32)))

/** An event of 1 KB: sealed and signed by its author, verified and opened by a replica. */
const eventRows = (run: <A, E>(effect: Effect.Effect<A, E, CryptoSuite>) => A): ReadonlyArray<Row> => {
  const [seed, key, plain] = [secret(), secret(), new Uint8Array(crypto.randomBytes(1_024))]
  const signer = run(Effect.flatMap(CryptoSuite, ({ signerOf }) => signerOf(seed)))
  const header: Envelope.Header = {
    type: "document.MessageAppended",
    id: "01890a5d-ac96-774b-bcce-b302099a8057",
    author: "did:vivim:abcdefghijklmnopqrstuvwxyz234567abcdefgh",
    kid: "#laptop",
    seq: 4,
    prev: run(Envelope.address(plain)),
    at: 1_700_000_000_000
  }
  const sealed = run(Envelope.seal(signer, key, header, plain))
  const receive = Effect.gen(function*() {
    const envelope = yield* Envelope.read(sealed)
    yield* Envelope.verify(signer.publicKey, envelope)
    return yield* Envelope.open(key, envelope)
  })
  const privateKey = RawKeys.privateKey("Ed25519", Redacted.value(seed))
  const publicKey = crypto.createPublicKey(privateKey)
  const digest = (bytes: Uint8Array) => crypto.createHash("sha256").update(bytes).digest()
  const bare = bareSeal(Redacted.value(key), plain)
  const signature = crypto.sign(null, digest(plain), privateKey)
  return [
    {
      what: "seal and sign an event of 1 KB (`Envelope.seal`); bare: AES-GCM, SHA-256, Ed25519",
      once: () => run(Envelope.seal(signer, key, header, plain)),
      bare: () => {
        bareSeal(Redacted.value(key), plain)
        crypto.sign(null, digest(plain), privateKey)
      },
      unit: "/CPU-s",
      goal: ">= 10,000/CPU-s"
    },
    {
      what: "verify and open such an envelope (`read`, `verify`, `open`); bare: the same",
      once: () => run(receive),
      bare: () => {
        if (!crypto.verify(null, digest(plain), publicKey, signature)) throw new Error("no signature")
        bareOpen(Redacted.value(key), bare)
      },
      unit: "/CPU-s",
      goal: ">= 3,000/CPU-s"
    }
  ]
}

/** A key for a circle, a device, a hundred devices. */
const grantRows = (run: <A, E>(effect: Effect.Effect<A, E, CryptoSuite>) => A): ReadonlyArray<Row> => {
  const suite = run(CryptoSuite)
  const [epochKey, contentKey, aad] = [secret(), crypto.randomBytes(32), crypto.randomBytes(60)]
  const devices = Array.from({ length: 100 }, () => run(suite.kemKeyOf(secret())))
  const [first] = devices
  const granted = run(suite.sealTo(first!.publicKey, aad, contentKey))
  const x25519 = crypto.generateKeyPairSync("x25519")
  const mlKem = mlKem768("native")
  const mlKemKey = run(mlKem.keyOf(crypto.randomBytes(64)))
  const { ciphertext } = run(Effect.orDie(mlKem.encapsulate(mlKemKey.publicKey, crypto.randomBytes(32))))
  const bareGrant = () => {
    const { privateKey } = crypto.generateKeyPairSync("x25519")
    crypto.diffieHellman({ privateKey, publicKey: x25519.publicKey })
    run(Effect.orDie(mlKem.encapsulate(mlKemKey.publicKey, crypto.randomBytes(32))))
    bareSeal(Redacted.value(epochKey), contentKey)
  }
  return [
    {
      what: "grant to a circle of any size: one key under its epoch key; bare: AES-GCM",
      once: () => run(suite.seal(epochKey, aad, contentKey)),
      bare: () => bareSeal(Redacted.value(epochKey), contentKey),
      unit: "ms",
      goal: "<= 1 ms, <= 100 B",
      bytes: run(suite.seal(epochKey, aad, contentKey)).length
    },
    {
      what: "grant to one device (`sealTo`); bare: X25519, ML-KEM-768, AES-GCM",
      once: () => run(suite.sealTo(first!.publicKey, aad, contentKey)),
      bare: bareGrant,
      unit: "ms",
      goal: "<= 1 ms",
      bytes: granted.length
    },
    {
      what: "open a grant on a device (`openWith`); bare: X25519, ML-KEM-768, AES-GCM",
      once: () => run(suite.openWith(first!, aad, granted)),
      bare: () => {
        crypto.diffieHellman({ privateKey: x25519.privateKey, publicKey: x25519.publicKey })
        run(Effect.orDie(mlKemKey.decapsulate(ciphertext)))
        bareSeal(Redacted.value(epochKey), contentKey)
      },
      unit: "ms",
      goal: ""
    },
    {
      what: "remove a member from a circle of 100 devices: a new epoch key to each; bare: 100 grants",
      once: () => {
        const fresh = run(suite.randomBytes(32))
        for (const { publicKey } of devices) run(suite.sealTo(publicKey, aad, fresh))
      },
      bare: () => {
        for (let n = 0; n < devices.length; n++) bareGrant()
      },
      unit: "ms",
      goal: "<= 150 ms"
    }
  ]
}

const MiB = 1_048_576

const streamRows = (run: <A, E>(effect: Effect.Effect<A, E, CryptoSuite>) => A): ReadonlyArray<Row> => {
  const [key, content] = [secret(), new Uint8Array(crypto.randomBytes(8 * MiB))]
  const noBytes = new Uint8Array(0)
  return [{
    what: "seal 8 MiB as it flows (`SealedStream`); bare: AES-GCM by 64 KiB",
    once: () => run(Stream.runDrain(SealedStream.seal(key, noBytes)(Stream.make(content)))),
    bare: () => {
      for (let at = 0; at < content.length; at += SealedStream.ChunkBytes) {
        bareSeal(Redacted.value(key), content.subarray(at, at + SealedStream.ChunkBytes))
      }
    },
    unit: "ms",
    goal: ""
  }]
}

/** Every row; each makes its own keys. */
export const rows = (): ReadonlyArray<Row> => {
  const suite = Effect.runSync(Effect.provide(CryptoSuite, NodeCryptoSuite.layer))
  const run = <A, E>(effect: Effect.Effect<A, E, CryptoSuite>): A =>
    Effect.runSync(Effect.provideService(effect, CryptoSuite, suite))
  return [...eventRows(run), ...grantRows(run), ...streamRows(run)]
}
