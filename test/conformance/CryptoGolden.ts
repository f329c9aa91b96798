/**
 * What suite v1 has made once, and must make and open for ever: one example of each of our own forms, from seeds. Runs in a browser too.
 *
 * `test/fixtures/crypto/suite-v1.json` keeps it. It may grow; what is in it never changes.
 */
import { utf8 } from "@vivim/crypto/Bytes"
import type { CryptoSuite, Suite } from "@vivim/crypto/CryptoSuite"
import * as Crypto from "@vivim/crypto/CryptoSuite"
import * as DidKey from "@vivim/crypto/DidKey"
import * as Envelope from "@vivim/crypto/Envelope"
import * as KeyHierarchy from "@vivim/crypto/KeyHierarchy"
import * as RecoveryKit from "@vivim/crypto/RecoveryKit"
import * as SealedStream from "@vivim/crypto/SealedStream"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { bytesOf, hexOf } from "./CryptoVectors.ts"

/** The randomness every example is made with, and every one anew. */
export const seed = "suite v1"

const secret = (fill: number) => Redacted.make(new Uint8Array(32).fill(fill))
const plain = "steep for 3 minutes"
const aad = utf8("cup 4")
const header: Envelope.Header = {
  type: "document.MessageAppended",
  id: "01890a5d-ac96-774b-bcce-b302099a8057",
  author: "did:vivim:ada",
  kid: "#laptop",
  seq: 0,
  prev: null,
  at: 1_700_000_000_000
}
const device = { account: "did:vivim:ada", device: "did:key:laptop" }
/** More than a chunk, so that there are two. */
const blob = Uint8Array.from({ length: SealedStream.ChunkBytes + 1 }, (_, at) => at & 255)

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const hexKey = (key: Crypto.Secret) => hexOf(Redacted.value(key))
const whole = <E, R>(stream: Stream.Stream<Uint8Array, E, R>) =>
  Effect.map(Stream.runCollect(stream), (chunks) => Uint8Array.from([...chunks].flatMap((part) => [...part])))

interface Example {
  readonly make: Effect.Effect<string, unknown, CryptoSuite>
  /** What it holds. */
  readonly open: (made: string) => Effect.Effect<string, unknown, CryptoSuite>
}

const using = <A, E>(use: (suite: Suite) => Effect.Effect<A, E, CryptoSuite>) => Effect.flatMap(Crypto.CryptoSuite, use)

const examples: Readonly<Record<string, Example>> = {
  sealed: {
    make: using((suite) => Effect.map(suite.seal(secret(1), aad, utf8(plain)), hexOf)),
    open: (made) => using((suite) => Effect.map(suite.open(secret(1), aad, bytesOf(made)), text))
  },
  sealedTo: {
    make: using((suite) =>
      Effect.gen(function*() {
        const { publicKey } = yield* suite.kemKeyOf(secret(2))
        return hexOf(yield* suite.sealTo(publicKey, aad, utf8(plain)))
      })
    ),
    open: (made) =>
      using((suite) =>
        Effect.gen(function*() {
          return text(yield* suite.openWith(yield* suite.kemKeyOf(secret(2)), aad, bytesOf(made)))
        })
      )
  },
  envelope: {
    make: using((suite) =>
      Effect.gen(function*() {
        return hexOf(yield* Envelope.seal(yield* suite.signerOf(secret(3)), secret(4), header, utf8(plain)))
      })
    ),
    open: (made) =>
      using((suite) =>
        Effect.gen(function*() {
          const envelope = yield* Envelope.read(bytesOf(made))
          yield* Envelope.verify((yield* suite.signerOf(secret(3))).publicKey, envelope)
          const address = yield* Envelope.address(bytesOf(made))
          return `${address}: ${envelope.header.id} ${text(yield* Envelope.open(secret(4), envelope))}`
        })
      )
  },
  /** The head and the last chunk; the first one by its hash. */
  stream: {
    make: using((suite) =>
      Effect.gen(function*() {
        const sealed = yield* whole(SealedStream.seal(secret(5), aad)(Stream.make(blob)))
        const [head, first, last] = [sealed.slice(0, 49), sealed.slice(49, 65_601), sealed.slice(65_601)]
        return [head, yield* suite.sha256(first), last].map(hexOf).join(" ")
      })
    ),
    open: () =>
      Effect.gen(function*() {
        const stream = SealedStream.open(secret(5), aad)(SealedStream.seal(secret(5), aad)(Stream.make(blob)))
        const lengths = yield* Stream.runCollect(Stream.map(stream, ({ length }) => length))
        return Chunk.toReadonlyArray(lengths).join("+")
      })
  },
  masterKeyOnDevice: {
    make: using((suite) =>
      Effect.gen(function*() {
        const { publicKey } = yield* suite.kemKeyOf(secret(6))
        return hexOf(yield* KeyHierarchy.wrapForDevice(secret(7), device, publicKey))
      })
    ),
    open: (made) =>
      using((suite) =>
        Effect.gen(function*() {
          return hexKey(yield* KeyHierarchy.unwrapOnDevice(yield* suite.kemKeyOf(secret(6)), device, bytesOf(made)))
        })
      )
  },
  masterKeyInKit: {
    make: Effect.map(KeyHierarchy.wrapForKit(secret(7), device.account, secret(8)), hexOf),
    open: (made) => Effect.map(KeyHierarchy.unwrapWithKit(secret(8), device.account, bytesOf(made)), hexKey)
  },
  branches: {
    make: Effect.map(
      Effect.forEach(["store", "index", "backup"] as const, (name) => KeyHierarchy.branch(secret(7), name)),
      (keys) => keys.map(hexKey).join(" ")
    ),
    open: Effect.succeed
  },
  kit: {
    make: Effect.map(RecoveryKit.print(secret(9)), Redacted.value),
    open: (made) =>
      Effect.gen(function*() {
        const { rotationSeed, wrapKey } = yield* RecoveryKit.keysOf(yield* RecoveryKit.read(Redacted.make(made)))
        return `${hexKey(rotationSeed)} ${hexKey(wrapKey)}`
      })
  },
  didKey: {
    make: using((suite) => Effect.map(suite.signerOf(secret(3)), ({ publicKey }) => DidKey.fromEd25519(publicKey))),
    open: (made) => Effect.map(DidKey.toEd25519(made), hexOf)
  }
}

/** By name: what was made, and what it holds. */
export type Golden = Readonly<Record<string, { readonly made: string; readonly holds: string }>>

/** Makes every example anew, each with a suite whose randomness begins at `seed`. */
export const make = (fresh: Effect.Effect<Suite>): Effect.Effect<Golden, unknown> =>
  Effect.map(
    Effect.forEach(Object.entries(examples), ([name, { make, open }]) =>
      Effect.gen(function*() {
        const made = yield* Effect.provideServiceEffect(make, Crypto.CryptoSuite, fresh)
        const holds = yield* Effect.provideServiceEffect(open(made), Crypto.CryptoSuite, fresh)
        return [name, { made, holds }] as const
      })),
    Object.fromEntries
  )

/** Opens what was made before; gives the names of those that do not hold what they held. */
export const lost = (golden: Golden, suite: Suite): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(
    Effect.forEach(Object.entries(golden), ([name, { holds, made }]) =>
      examples[name]!.open(made).pipe(
        Effect.provideService(Crypto.CryptoSuite, suite),
        Effect.match({ onFailure: () => [name], onSuccess: (found) => found === holds ? [] : [name] })
      )),
    (names) => names.flat()
  )
