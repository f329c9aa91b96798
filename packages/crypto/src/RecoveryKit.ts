/**
 * The recovery kit: a secret on paper. Who has it can rotate the account's keys, and read what is in it, from nothing else.
 *
 * Y1  What was printed is read back, however it was typed: capital or small, with spaces, dashes or without, O for 0, I or L for 1.
 * Y2  A mistyped group is named by its number; so is where characters are missing or too many. The message never repeats what was
 *     typed.
 * Y3  The signing seed and the wrap key tell nothing of each other.
 *
 * Printed are 14 groups of five characters in Crockford's base 32: four carry 20 bits, the fifth is a check over them and the group's
 * number, so that any one wrong character and any two that were swapped are noticed, and groups that changed places. The 35 bytes
 * they carry are the suite, the 32 of the secret, and the first two of a SHA-256 over them.
 */
import { sha256 } from "@noble/hashes/sha2.js"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { bytesEqual, concat, utf8 } from "./Bytes.ts"
import { CryptoSuite, MalformedKey, type Secret, SuiteV1 } from "./CryptoSuite.ts"

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
const Groups = 14
const GroupCharacters = 5
const SecretBytes = 32
const checkLabel = utf8("vivim/kit/1\0")
const salt = utf8("vivim/kit/1")

/** The text is not a recovery kit. `group`, from 1, is where to look; 0 where no single group is to blame. */
export class KitUnreadable extends Schema.TaggedError<KitUnreadable>()("KitUnreadable", {
  group: Schema.Number,
  reason: Schema.Literal("mistyped", "characters missing", "too many characters", "another kind of kit")
}) {
  override get message(): string {
    const where = this.group === 0 ? "The recovery kit" : `Group ${this.group} of ${Groups} of the recovery kit`
    switch (this.reason) {
      case "mistyped":
        return `${where} is mistyped; compare it with the paper.`
      case "characters missing":
        return `${where} is too short: characters are missing.`
      case "too many characters":
        return `${where} is too long: there are characters too many.`
      case "another kind of kit":
        return `${where} was printed by a newer version, which this one cannot read.`
    }
  }
}

/** What follows from the secret: the seed of a rotation key (Ed25519), and the key the master key is wrapped under. */
export interface KitKeys {
  readonly rotationSeed: Secret
  readonly wrapKey: Secret
}

/** Twice a symbol in GF(32), by x^5 + x^2 + 1. */
const twice = (symbol: number): number => {
  const doubled = symbol << 1
  return doubled > 31 ? doubled ^ 0b100101 : doubled
}

/** Each symbol weighs another power of x: no single error and no swap leaves the sum as it was. */
const check = (group: number, symbols: ReadonlyArray<number>): number =>
  twice(symbols.reduce((sum, symbol) => twice(sum) ^ symbol, group))

const digest = (head: Uint8Array): Uint8Array => sha256(concat(checkLabel, head)).subarray(0, 2)

/** The kit of a secret of 32 bytes, as it is printed. */
export const print = (secret: Secret): Either.Either<Redacted.Redacted<string>, MalformedKey> => {
  const bytes = Redacted.value(secret)
  if (bytes.length !== SecretBytes) return Either.left(new MalformedKey({ kind: "recovery secret" }))
  const head = Uint8Array.of(SuiteV1, ...bytes)
  let bits = concat(head, digest(head)).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  const groups: Array<string> = []
  for (let group = Groups; group > 0; group--) {
    const symbols = [15n, 10n, 5n, 0n].map((shift) => Number((bits >> shift) & 31n))
    bits >>= 20n
    groups.unshift([...symbols, check(group, symbols)].map((symbol) => alphabet[symbol]).join(""))
  }
  return Either.right(Redacted.make(groups.join("-")))
}

const refuse = (group: number, reason: KitUnreadable["reason"]) => Either.left(new KitUnreadable({ group, reason }))

/** The groups as they were typed, if they were kept apart; else cut after every fifth character. */
const groupsOf = (typed: string): ReadonlyArray<string> => {
  const plain = typed.toUpperCase().replaceAll("O", "0").replaceAll(/[IL]/g, "1")
  const apart = plain.split(/[\s\p{Pd}_.,]+/u).filter((part) => part !== "")
  if (apart.length === Groups) return apart
  return apart.join("").match(new RegExp(`.{1,${GroupCharacters}}`, "gu")) ?? []
}

/** The secret of a kit as somebody typed it. */
export const read = (typed: Redacted.Redacted<string>): Either.Either<Secret, KitUnreadable> => {
  const groups = groupsOf(Redacted.value(typed))
  let bits = 0n
  for (const [at, text] of groups.entries()) {
    if (at === Groups) return refuse(0, "too many characters")
    const symbols = Array.from(text, (character) => alphabet.indexOf(character))
    if (symbols.length < GroupCharacters) return refuse(at + 1, "characters missing")
    if (symbols.length > GroupCharacters) return refuse(at + 1, "too many characters")
    const carried = symbols.slice(0, -1)
    if (symbols.includes(-1) || check(at + 1, carried) !== symbols.at(-1)) return refuse(at + 1, "mistyped")
    for (const symbol of carried) bits = (bits << 5n) | BigInt(symbol)
  }
  if (groups.length < Groups) return refuse(groups.length + 1, "characters missing")
  const bytes = Uint8Array.from({ length: SecretBytes + 3 }, (_, at) => Number((bits >> BigInt(8 * (34 - at))) & 255n))
  const head = bytes.subarray(0, SecretBytes + 1)
  if (!bytesEqual(digest(head), bytes.subarray(SecretBytes + 1))) return refuse(0, "mistyped")
  if (head[0] !== SuiteV1) return refuse(0, "another kind of kit")
  return Either.right(Redacted.make(head.slice(1)))
}

/** What the secret of a kit is good for. */
export const keysOf = (secret: Secret): Effect.Effect<KitKeys, MalformedKey, CryptoSuite> =>
  Effect.gen(function*() {
    const { hkdf } = yield* CryptoSuite
    const key = Redacted.value(secret)
    if (key.length !== SecretBytes) return yield* new MalformedKey({ kind: "recovery secret" })
    const derive = (name: string) => Effect.map(hkdf({ key, salt, info: utf8(name), length: 32 }), Redacted.make)
    return { rotationSeed: yield* derive("rotation"), wrapKey: yield* derive("wrap") }
  })
