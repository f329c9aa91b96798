/**
 * Public test vectors, each set with the question it asks of an engine. Runs in a browser as well: nothing here is Node's.
 *
 * The sets lie beside the project, not in it; `CryptoSets` says where from.
 */
import * as DidKey from "@vivim/crypto/DidKey"
import { forgeries } from "@vivim/crypto/Ed25519Forgeries"
import type { Engine, Kem } from "@vivim/crypto/Engine"
import * as StrictCbor from "@vivim/crypto/StrictCbor"
import { construct } from "@vivim/crypto/SuiteConstruction"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/** How many cases of a set were asked, and which went wrong. */
export interface Outcome {
  readonly cases: number
  readonly wrong: ReadonlyArray<string>
}

type Question = (given: any, engine: Engine) => Effect.Effect<ReadonlyArray<readonly [name: string, asWanted: boolean]>>

export const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/** What came out, in hex; nothing where it was refused. */
const outcome = (effect: Effect.Effect<Uint8Array, unknown>): Effect.Effect<string | undefined> =>
  Effect.map(Effect.option(effect), (found) => Option.getOrUndefined(Option.map(found, hexOf)))

/** Asks every test of a Wycheproof file whose group fits: valid ones give what is written there, invalid ones do not. */
const wycheproof =
  (fits: (group: any) => boolean, ask: (test: any, engine: Engine, group: any) => Effect.Effect<boolean>): Question =>
  ({ testGroups }, engine) =>
    Effect.forEach(
      testGroups.filter(fits).flatMap((group: any) => group.tests.map((test: any) => ({ group, test }))),
      ({ group, test }: any) =>
        Effect.map(ask(test, engine, group), (asWanted) => [`${test.tcId} ${test.comment ?? ""}`, asWanted] as const)
    )

const every = () => true
const isValid = (test: any): boolean => test.result === "valid"

const ed25519 = wycheproof(every, (test, { verify }, { publicKey }) =>
  Effect.map(
    verify(bytesOf(publicKey.pk), bytesOf(test.msg), bytesOf(test.sig)),
    (verdict) => verdict === isValid(test)
  ))

/** A shared secret of zeros is refused; every other one, also of a key on the twist or misspelt, is as RFC 7748 computes it. */
const x25519 = wycheproof(every, (test, engine) =>
  Effect.gen(function*() {
    const key = yield* engine.x25519(bytesOf(test.private))
    const wanted = test.flags.includes("ZeroSharedSecret") ? undefined : test.shared
    return (yield* outcome(key.shared(bytesOf(test.public)))) === wanted
  }))

const aesGcm = wycheproof(
  ({ ivSize, keySize, tagSize }) => keySize === 256 && ivSize === 96 && tagSize === 128,
  (test, { chunkCipher }) =>
    Effect.gen(function*() {
      const cipher = yield* chunkCipher(bytesOf(test.key))
      const [nonce, aad, sealed] = [bytesOf(test.iv), bytesOf(test.aad), test.ct + test.tag]
      const opened = yield* outcome(cipher.open(nonce, aad, bytesOf(sealed)))
      const resealed = yield* outcome(cipher.seal(nonce, aad, bytesOf(test.msg)))
      return isValid(test) ? opened === test.msg && resealed === sealed : opened === undefined
    })
)

const hmac = wycheproof(
  every,
  (test, { hmac }, { tagSize }) =>
    Effect.map(
      outcome(hmac(bytesOf(test.key), bytesOf(test.msg))),
      (tag) => (tag?.slice(0, tagSize / 4) === test.tag) === isValid(test)
    )
)

/** Invalid ones ask for more than 255 blocks: that is the caller's mistake, and dies. */
const hkdf = wycheproof(every, (test, { hkdf }) => {
  const derivation = { key: bytesOf(test.ikm), salt: bytesOf(test.salt), info: bytesOf(test.info), length: test.size }
  return Effect.map(
    Effect.exit(Effect.suspend(() => hkdf(derivation))),
    (exit) => isValid(test) ? exit._tag === "Success" && hexOf(exit.value) === test.okm : exit._tag === "Failure"
  )
})

const mlKem = wycheproof(every, (test, { mlKem768 }) =>
  Effect.gen(function*() {
    // A seed of another length is refused before an engine sees it: `KemKey`s are of 32 bytes that are expanded.
    if (test.seed.length !== 128) return !isValid(test)
    const key = yield* mlKem768.keyOf(bytesOf(test.seed))
    const secret = yield* outcome(key.decapsulate(bytesOf(test.c)))
    const isSameKey = test.ek === undefined || hexOf(key.publicKey) === test.ek
    return isValid(test) ? isSameKey && secret === test.K : secret === undefined
  }))

const mlKemKeys = wycheproof(
  every,
  (test, { mlKem768 }) =>
    Effect.map(mlKem768.keyOf(bytesOf(test.seed)), ({ publicKey }) => hexOf(publicKey) === test.ek)
)

const encapsulated = ({ encapsulate }: Kem, publicKey: string, coins: string) =>
  Effect.map(
    Effect.option(encapsulate(bytesOf(publicKey), bytesOf(coins))),
    Option.map(({ ciphertext, secret }) => hexOf(ciphertext) + hexOf(secret))
  )

const mlKemEncapsulation = wycheproof(
  every,
  (test, { mlKem768 }) =>
    Effect.map(
      encapsulated(mlKem768, test.ek, test.m),
      (made) => isValid(test) ? Option.contains(made, test.c + test.K) : Option.isNone(made)
    )
)

/** HPKE with KEM 0x647a: whatever is derived from it afterwards, the KEM is X-Wing. */
const hpke: Question = (cases, { xWing }) =>
  Effect.forEach(cases.filter(({ kem_id }: any) => kem_id === 0x647a), (test: any) =>
    Effect.gen(function*() {
      const key = yield* xWing.keyOf(bytesOf(test.skRm))
      const asWanted = hexOf(key.publicKey) === test.pkRm &&
        (yield* outcome(key.decapsulate(bytesOf(test.enc)))) === test.shared_secret &&
        Option.contains(yield* encapsulated(xWing, test.pkRm, test.ikmE), test.enc + test.shared_secret)
      return [`KDF ${test.kdf_id}`, asWanted] as const
    }))

const cbor: Question = ({ cases }) =>
  Effect.succeed(
    cases.map(({ accept, hex, name }: any) =>
      [name, Either.isRight(StrictCbor.decode(bytesOf(hex))) === accept] as const
    )
  )

const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")

const didKey: Question = (given) =>
  Effect.succeed(
    Object.entries<any>(given).map(([did, forms]) => {
      const wanted = forms["application/did+json"].verificationMethod[0].publicKeyJwk.x
      return [did, Option.contains(Option.map(DidKey.toEd25519(did), base64url), wanted)] as const
    })
  )

/**
 * AES-GCM opens this ciphertext under two keys. Suite v1 derives its keys, and nobody can choose them; were it possible, then only the
 * commitment would keep the second key from opening what was sealed under the first. So here the derivation gives the two keys.
 */
const twoKeys: Question = (given, engine) =>
  Effect.gen(function*() {
    const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    const sealedWith = (commitmentOf: (key: Uint8Array) => number) =>
      construct({
        ...engine,
        hkdf: ({ key }) => {
          const half = new Uint8Array(32).fill(commitmentOf(key))
          return Effect.succeed(Uint8Array.of(...bytesOf(key[0] === 1 ? given.key1 : given.key2), ...half))
        },
        chunkCipher: (key) =>
          Effect.map(engine.chunkCipher(key), ({ open, seal }) => ({
            seal,
            open: (_nonce, aad, sealed) => open(bytesOf(given.nonce), aad, sealed)
          }))
      })
    const none = new Uint8Array(0)
    const head = Uint8Array.of(1, ...new Uint8Array(32).fill(1), ...new Uint8Array(16))
    const sealed = Uint8Array.of(...head, ...bytesOf(given.ct + given.tag))
    const opened = (commitmentOf: (key: Uint8Array) => number, key: Uint8Array) =>
      outcome(sealedWith(commitmentOf).open(Redacted.make(key), none, sealed))
    return [
      ["opens under its key", (yield* opened((key) => key[0]!, first)) === given.plaintext1],
      ["does not open under the other", (yield* opened((key) => key[0]!, second)) === undefined],
      ["would, without the commitment", (yield* opened(() => 1, second)) === given.plaintext2]
    ] as const
  })

/** The sets of `../shared/vectors` that concern the suite, by file. */
export const questions: Readonly<Record<string, Question>> = {
  "wycheproof/ed25519_test.json": ed25519,
  "wycheproof/x25519_test.json": x25519,
  "wycheproof/aes_gcm_test.json": aesGcm,
  "wycheproof/hmac_sha256_test.json": hmac,
  "wycheproof/hkdf_sha256_test.json": hkdf,
  "wycheproof/mlkem_768_test.json": mlKem,
  "wycheproof/mlkem_768_keygen_seed_test.json": mlKemKeys,
  "wycheproof/mlkem_768_encaps_test.json": mlKemEncapsulation,
  "hpke-pq/test-vectors.json": hpke,
  "dag-cbor-strict/cases.json": cbor,
  "did-key/ed25519.json": didKey,
  "gcm-multikey/two-keys.json": twoKeys
}

const count = (answers: ReadonlyArray<readonly [string, boolean]>): Outcome => ({
  cases: answers.length,
  wrong: answers.filter(([, asWanted]) => !asWanted).map(([name]) => name)
})

/** Asks an engine one set. */
export const ask = (file: string, given: unknown, engine: Engine): Effect.Effect<Outcome> =>
  Effect.map(questions[file]!(given, engine), count)

/** Signatures of our own making on which verifiers differ. */
export const askForgeries = (engine: Engine): Effect.Effect<Outcome> =>
  Effect.map(
    Effect.forEach(
      Object.entries(forgeries).flatMap(([name, probes]) => probes.map((probe) => ({ name, probe }))),
      ({ name, probe: { good, message, publicKey, signature } }) =>
        Effect.map(engine.verify(publicKey, message, signature), (verdict) => [name, verdict === good] as const)
    ),
    count
  )
