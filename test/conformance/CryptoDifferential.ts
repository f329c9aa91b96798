/**
 * The differential test of the crypto: two engines, the same random inputs. Every byte, verdict and refusal must be the same. Runs in a browser as well.
 *
 * A case is one input whose outcomes are compared. What is cheap is asked often, what is dear seldom; `mix` says how often. Half of
 * what can be altered is altered: one bit, one length, one key for another.
 */
import { concat } from "@vivim/crypto/Bytes"
import { NotOpened } from "@vivim/crypto/CryptoSuite"
import type { Engine } from "@vivim/crypto/Engine"
import { construct } from "@vivim/crypto/SuiteConstruction"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { hexOf } from "./CryptoVectors.ts"

/** A small generator whose every choice follows from its seed (xorshift32). */
class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761 | 0) || 1
  }

  below(limit: number): number {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) % limit
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }

  /** Mostly short; lengths at which blocks and heads end are as likely as all others. */
  text(): Uint8Array {
    const edges = [0, 1, 15, 16, 17, 31, 32, 33, 55, 56, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1_024]
    return this.bytes(this.below(2) === 0 ? edges[this.below(edges.length)]! : this.below(200))
  }

  /** One bit altered, or its end cut off or grown. */
  altered(bytes: Uint8Array): Uint8Array {
    const how = this.below(8)
    if (how === 0) return bytes.subarray(0, this.below(bytes.length))
    if (how === 1) return concat(bytes, this.bytes(1))
    const copy = Uint8Array.from(bytes)
    copy[this.below(copy.length)]! ^= 1 << this.below(8)
    return copy
  }

  maybeAltered(bytes: Uint8Array): Uint8Array {
    return this.below(2) === 0 ? bytes : this.altered(bytes)
  }
}

type Outcome = Effect.Effect<Uint8Array | boolean, unknown>

/** An input, and the question an engine answers about it. */
type Question = (engine: Engine) => Outcome

/** Makes the inputs of a kind. `by` is the engine that makes signatures and ciphertexts that both then look at. */
type Kind = (dice: Dice, by: Engine) => Effect.Effect<Question>

const plainly = (question: Question) => Effect.succeed(question)

/** Signers are few, as in life: whether a key is one is found out once. */
const seedOf = (dice: Dice) => new Uint8Array(32).fill(dice.below(16))

const verifying: Kind = (dice, by) =>
  Effect.gen(function*() {
    const signer = yield* by.signerOf(seedOf(dice))
    const [message, what] = [dice.text(), dice.below(4)]
    const signature = yield* signer.sign(message)
    const given = [
      what === 0 ? dice.altered(signer.publicKey) : signer.publicKey,
      what === 1 ? concat(message, dice.bytes(1)) : message,
      what === 2 ? dice.altered(signature) : signature
    ] as const
    return ({ verify }) => verify(...given)
  })

const opening: Kind = (dice, by) =>
  Effect.gen(function*() {
    const [key, aad] = [Redacted.make(dice.bytes(32)), dice.text()]
    const sealed = yield* construct(by).seal(key, aad, dice.text())
    const [given, with_] = [
      dice.maybeAltered(sealed),
      dice.below(8) === 0 ? dice.altered(aad.length ? aad : sealed) : aad
    ]
    return (engine: Engine) => construct(engine).open(key, with_, given)
  }).pipe(Effect.orDie)

const deciphering: Kind = (dice, by) =>
  Effect.gen(function*() {
    const [key, nonce, aad] = [dice.bytes(32), dice.bytes(12), dice.text()]
    const sealed = dice.maybeAltered(yield* (yield* by.chunkCipher(key)).seal(nonce, aad, dice.text()))
    return ({ chunkCipher }) => Effect.flatMap(chunkCipher(key), ({ open }) => open(nonce, aad, sealed))
  })

const decapsulating: Kind = (dice, by) =>
  Effect.gen(function*() {
    const seed = dice.bytes(64)
    const { publicKey } = yield* by.mlKem768.keyOf(seed)
    const { ciphertext } = yield* by.mlKem768.encapsulate(publicKey, dice.bytes(32))
    const given = dice.maybeAltered(ciphertext)
    return ({ mlKem768 }: Engine) => Effect.flatMap(mlKem768.keyOf(seed), ({ decapsulate }) => decapsulate(given))
  }).pipe(Effect.orDie)

const openingWithKey: Kind = (dice, by) =>
  Effect.gen(function*() {
    const [seed, aad] = [Redacted.make(dice.bytes(32)), dice.text()]
    const suite = construct(by)
    const { publicKey } = yield* suite.kemKeyOf(seed)
    const given = dice.maybeAltered(yield* suite.sealTo(publicKey, aad, dice.text()))
    return (engine: Engine) => {
      const suite = construct(engine)
      return Effect.flatMap(suite.kemKeyOf(seed), (key) => suite.openWith(key, aad, given))
    }
  }).pipe(Effect.orDie)

const encapsulating: Kind = (dice, by) =>
  Effect.gen(function*() {
    const { publicKey } = yield* by.xWing.keyOf(dice.bytes(32))
    const [given, coins] = [dice.maybeAltered(publicKey), dice.bytes(64)]
    return ({ xWing }) =>
      Effect.map(xWing.encapsulate(given, coins), ({ ciphertext, secret }) => concat(ciphertext, secret))
  })

const kinds: Readonly<Record<string, Kind>> = {
  sha256: (dice) => {
    const bytes = dice.text()
    return plainly(({ sha256 }) => sha256(bytes))
  },
  hmac: (dice) => {
    const [key, bytes] = [dice.text(), dice.text()]
    return plainly(({ hmac }) => hmac(key, bytes))
  },
  hkdf: (dice) => {
    const derivation = { key: dice.text(), salt: dice.text(), info: dice.text(), length: 1 + dice.below(130) }
    return plainly(({ hkdf }) => hkdf(derivation))
  },
  sealing: (dice) => {
    const [key, aad, plain, salt] = [Redacted.make(dice.bytes(32)), dice.text(), dice.text(), dice.bytes(16)]
    return plainly((engine) => construct({ ...engine, randomBytes: () => Effect.succeed(salt) }).seal(key, aad, plain))
  },
  opening,
  deciphering,
  signing: (dice) => {
    const [seed, message] = [dice.bytes(32), dice.text()]
    return plainly(({ signerOf }) =>
      Effect.flatMap(
        signerOf(seed),
        ({ publicKey, sign }) => Effect.map(sign(message), (signature) => concat(publicKey, signature))
      )
    )
  },
  verifying,
  x25519: (dice) => {
    // One in four keys has few bits set: those of small order are among such.
    const [secret, other] = [
      dice.bytes(32),
      dice.below(4) === 0 ? new Uint8Array(32).fill(dice.below(3)) : dice.bytes(32)
    ]
    return plainly(({ x25519 }) => Effect.flatMap(x25519(secret), ({ shared }) => shared(other)))
  },
  decapsulating,
  encapsulating,
  openingWithKey
}

/** Of 1,000 cases. */
export const mix: Readonly<Record<string, number>> = {
  sha256: 180,
  hmac: 200,
  hkdf: 210,
  sealing: 90,
  opening: 110,
  deciphering: 110,
  verifying: 70,
  signing: 15,
  x25519: 10,
  decapsulating: 2,
  encapsulating: 2,
  openingWithKey: 1
}

/** What an engine answered: the bytes, the verdict, or that it refused. */
const answer = (question: Outcome): Effect.Effect<string> =>
  Effect.match(question, {
    onFailure: (failure) => failure instanceof NotOpened ? "refused" : `refused: ${(failure as { _tag: string })._tag}`,
    onSuccess: (found) => typeof found === "boolean" ? String(found) : hexOf(found)
  })

export interface Compared {
  readonly cases: Readonly<Record<string, number>>
  /** How many of them both refused: neither none nor all, or the inputs are no good. */
  readonly refused: number
  readonly differing: ReadonlyArray<string>
}

/** Compares two engines on so many thousands of cases. */
export const compare = (one: Engine, other: Engine, thousands: number, seed: number): Effect.Effect<Compared> =>
  Effect.gen(function*() {
    const dice = new Dice(seed)
    const cases: Record<string, number> = {}
    const differing: Array<string> = []
    let refused = 0
    for (let round = 0; round < thousands; round++) {
      for (const [name, times] of Object.entries(mix)) {
        for (let n = 0; n < times; n++) {
          const question = yield* kinds[name]!(dice, n % 2 === 0 ? one : other)
          const [first, second] = [yield* answer(question(one)), yield* answer(question(other))]
          cases[name] = (cases[name] ?? 0) + 1
          if (first !== second) differing.push(`${name} ${round}/${n} of seed ${seed}: ${first} and ${second}`)
          else if (first === "false" || first.startsWith("refused")) refused++
        }
      }
    }
    return { cases, refused, differing }
  })
