/**
 * Chains of delegations made at random, and a judge of them that shares nothing with the verifier: what opens must be what the
 * owner let, and what the owner let must open.
 */
import * as Envelope from "@vivim/crypto/capability/Envelope"
import { limits, nonce, type Person, sketch, verifySketch } from "@vivim/crypto/capability/Person"
import * as Token from "@vivim/crypto/capability/Token"
import * as Verifier from "@vivim/crypto/capability/Verifier"
import { type Random, randomOf } from "../bench/Random.ts"

/** Rights as sets, written down by hand: relay 1, read 2, remix 4, write 8, share 16, admin 32, one part of write 64. */
const sets: Readonly<Record<string, number>> = {
  "/content/relay": 1,
  "/content/read": 1 | 2,
  "/content/remix": 1 | 2 | 4,
  "/content/write/tags": 64,
  "/content/write": 1 | 2 | 8 | 64,
  "/content/share": 1 | 2 | 4 | 8 | 16 | 64,
  "/content/admin": 127
}
const SHARE = sets["/content/share"]!
const commands = Object.keys(sets)
const people: ReadonlyArray<Person> = [1, 2, 3, 4, 5].map(sketch)
const now = 1_800_000_000

interface Link {
  readonly issuer: Person
  readonly audience: Person
  readonly subject: Person
  readonly signer: Person
  readonly command: string
  readonly expires: number
  readonly max: number | null
  readonly depth: number | null
  readonly epoch: number
}

const one = <A>(roll: Random, among: ReadonlyArray<A>): A => among[Math.floor(roll() * among.length)]!

/** Mostly as it should be, often as it should not. */
const sometimes = <A>(roll: Random, right: A, wrong: () => A): A => roll() < 0.95 ? right : wrong()

const optional = (roll: Random, among: ReadonlyArray<number>) => roll() < 0.4 ? null : one(roll, among)

const draw = (roll: Random): ReadonlyArray<Link> => {
  const chain: Array<Link> = []
  const owner = one(roll, people)
  const length = 1 + Math.floor(roll() * 5)
  for (let at = 0; at < length; at++) {
    const before = chain.at(-1)
    const issuer = sometimes(roll, before?.audience ?? owner, () => one(roll, people))
    chain.push({
      issuer,
      audience: one(roll, people),
      subject: sometimes(roll, owner, () => one(roll, people)),
      signer: sometimes(roll, issuer, () => one(roll, people)),
      command: at === 0
        ? one(roll, commands)
        : sometimes(roll, at < length - 1 ? before!.command : one(roll, commands), () => one(roll, commands)),
      expires: sometimes(roll, before?.expires ?? now + 3, () => now + Math.floor(roll() * 6)),
      max: sometimes(roll, before?.max ?? null, () => optional(roll, [1, 2, 3])),
      depth: sometimes(
        roll,
        before === undefined || before.depth === null ? null : before.depth - 1,
        () => optional(roll, [0, 1, 2, 3])
      ),
      epoch: sometimes(roll, 1, () => 2)
    })
  }
  return chain
}

const write = (
  { audience, command, depth, epoch, expires, issuer, max, signer, subject }: Link,
  at: number
): Uint8Array =>
  Envelope.seal("ucan/dlg@1.0.0", {
    iss: issuer.did,
    aud: audience.did,
    sub: subject.did,
    cmd: command,
    pol: at === 0 ? [["==", ".res", "document/d1"]] : [],
    nonce: nonce(),
    exp: expires,
    meta: { epoch, ...max === null ? {} : { max }, ...depth === null ? {} : { depth } }
  }, signer.sign)

const isLess = (child: number | null, parent: number | null) => parent === null || (child !== null && child <= parent)

/** What the owner let: said again, in other words than the verifier's. */
const mayOpen = (chain: ReadonlyArray<Link>): boolean =>
  chain.every((link, at) => {
    const parent = chain[at - 1]
    if (link.signer !== link.issuer || link.subject !== chain[0]!.issuer || link.expires <= now) return false
    if (link.depth !== null && link.depth < 0) return false
    if (parent === undefined) return link.issuer === link.subject
    const [mine, its] = [sets[link.command]!, sets[parent.command]!]
    return link.issuer === parent.audience && (mine & ~its) === 0 && (its & SHARE) === SHARE &&
      link.expires <= parent.expires && isLess(link.max, parent.max) && link.epoch === parent.epoch &&
      (parent.depth === null || (parent.depth > 0 && isLess(link.depth, parent.depth - 1)))
  })

export interface Tried {
  readonly opened: number
  /** Chains that opened and should not have, or the other way about, written out. */
  readonly wrong: ReadonlyArray<string>
}

/** Lets others have a turn: who runs tests must hear of them. */
export const breath = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Tries so many chains. */
export const tryChains = async (count: number, seed: number): Promise<Tried> => {
  const roll = randomOf(seed)
  const { chain: judge } = Verifier.make({ verify: verifySketch, limits })
  const wrong: Array<string> = []
  let opened = 0
  for (let n = 0; n < count; n++) {
    if (n % 200 === 0) await breath()
    const chain = draw(roll)
    const found = judge(Token.write(chain.map(write)), now)
    const opens = found._tag === "Opened"
    if (opens) opened++
    if (opens !== mayOpen(chain) && wrong.length < 10) {
      wrong.push(
        JSON.stringify({
          found: opens ? "opened" : found,
          chain: chain.map(({ command, depth, epoch, expires, max }) => ({ command, depth, epoch, expires, max }))
        })
      )
    }
  }
  return { opened, wrong }
}
