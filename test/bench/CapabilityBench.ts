/**
 * What capabilities and policies cost, per CPU-second of one process: a chain of three verified cold and remembered beside the bare
 * signatures it holds, a use, a policy's decision beside Cedar's on the same questions. And the full run of what the tests
 * try in small: a million random chains without an escalation, a million decisions equal to Cedar's.
 */
import * as Delegation from "@vivim/crypto/capability/Delegation"
import * as Env from "@vivim/crypto/capability/Env"
import * as Invocation from "@vivim/crypto/capability/Invocation"
import * as Token from "@vivim/crypto/capability/Token"
import * as Verifier from "@vivim/crypto/capability/Verifier"
import * as DidKey from "@vivim/crypto/DidKey"
import * as SigningKey from "@vivim/crypto/SigningKey"
import { decide } from "@vivim/policy/Policy"
import { policies, request as requests } from "@vivim/policy/PolicyExample"
import * as FastCheck from "effect/FastCheck"
import { randomBytes } from "node:crypto"
import { tryChains } from "../conformance/CapabilityChains.ts"
import { cedarAllows, compare, prepare } from "../conformance/CedarOracle.ts"
import type { Figure } from "./NodeBench.ts"
import { median } from "./Process.ts"

const now = 1_800_000_000
const limits: Verifier.Limits = { textMax: 16_384, stepsMax: 10_000, rememberedMax: 4_096, useLifeMax: 60 }
const people = Array.from({ length: 4 }, () => {
  const { publicKey, sign } = SigningKey.fromSeed(randomBytes(32))
  return { publicKey, sign, issuer: DidKey.fromEd25519(publicKey) }
})
const signing = (who: number): Delegation.Signing => ({ ...people[who]!, nonce: randomBytes(12) })

/** How often it is done in a second of the processor, the median of five. */
const perCpuSecond = (count: number, once: (n: number) => void): number => {
  const rounds = Array.from({ length: 5 }, (_, round) => {
    const before = process.cpuUsage()
    for (let n = 0; n < count; n++) once(round * count + n)
    const { system, user } = process.cpuUsage(before)
    return count / ((system + user) / 1e6)
  })
  return median(rounds)
}

const chainOfThree = (): string => {
  const first = Delegation.mint("document/d1", {
    audience: people[1]!.issuer,
    command: "/content/share",
    expires: now + 3_600,
    bounds: { epoch: 0, max: 100 },
    statements: [Env.allowedIps(["203.0.113.0/24"])]
  }, signing(0))
  const second = Delegation.delegate(Delegation.read(first)!, { audience: people[2]!.issuer }, signing(1))
  const third = Delegation.delegate(Delegation.read(second)!, { audience: people[3]!.issuer }, signing(2))
  return Token.write([first, second, third])
}

/** As it comes with each request: another string with the same characters. */
const copy = (text: string): string => Buffer.from(text).toString("latin1")

const opens = (found: Verifier.Opened | Verifier.Denied) => {
  if (found._tag === "Denied") throw new Error(`${found.step}: ${found.why}`)
}

const chains = (): ReadonlyArray<Figure> => {
  const message = randomBytes(350)
  const signature = people[0]!.sign(message)
  const raw = perCpuSecond(3_000, () => {
    if (!SigningKey.verify(people[0]!.publicKey, message, signature)) throw new Error("it is signed")
  })
  const verifier = Verifier.make({ verify: SigningKey.verify, limits })
  const many = Array.from({ length: 4_000 }, chainOfThree)
  const cold = perCpuSecond(800, (n) => opens(verifier.chain(many[n % many.length]!, now)))
  const one = many[0]!
  const cached = perCpuSecond(100_000, () => opens(verifier.chain(copy(one), now)))
  const request = { resource: "document/d1", call: "ReadMessages", content: randomBytes(200) }
  const links = Token.read(one)!
  const uses = Array.from({ length: 1_000 }, () =>
    `${one}.${
      Token.toText(Invocation.make({
        subject: people[0]!.issuer,
        command: "/content/read",
        chain: links.map(({ cid }) => cid),
        request,
        expires: now + 30
      }, signing(3)))
    }`)
  const env = Env.make({ ip: "203.0.113.7", twoFactor: false })
  const used = perCpuSecond(
    1_000,
    (n) => opens(verifier.use({ token: uses[n % 1_000]!, command: "/content/read", request, env, now }))
  )
  return [
    { what: "Ed25519 signatures verified, nothing else", value: raw, unit: "/s", goal: "" },
    { what: "chains of three verified, cold", value: cold, unit: "/s", goal: ">= 2,100" },
    { what: "of the most that three bare signatures allow", value: 100 * cold / (raw / 3), unit: "%", goal: "" },
    { what: "chains of three, remembered", value: cached, unit: "/s", goal: ">= 120,000" },
    { what: "uses of a remembered chain, each signed for once", value: used, unit: "/s", goal: "" }
  ]
}

const decisions = (): ReadonlyArray<Figure> => {
  const sets = FastCheck.sample(policies, { numRuns: 50, seed: 3 }).filter((some) => some.length > 2)
  const asked = FastCheck.sample(requests, { numRuns: 1_000, seed: 4 })
  for (const [n, some] of sets.entries()) prepare(`set${n}`, some)
  const question = (n: number) => [n % sets.length, asked[n % asked.length]!] as const
  const ours = perCpuSecond(100_000, (n) => {
    const [set, one] = question(n)
    decide(sets[set]!, one)
  })
  const cedar = perCpuSecond(5_000, (n) => {
    const [set, one] = question(n)
    cedarAllows(`set${set}`, one)
  })
  return [
    { what: "decisions over three or four policies", value: ours, unit: "/s", goal: ">= 50,000" },
    { what: "the same by Cedar 4.13, policies parsed before", value: cedar, unit: "/s", goal: "" },
    { what: "times as many as Cedar", value: ours / cedar, unit: "", goal: "" }
  ]
}

/** The full run: `count` random chains and as many decisions. */
const full = async (count: number): Promise<ReadonlyArray<Figure>> => {
  const { opened, wrong } = await tryChains(count, 11)
  const { allowed, different } = await compare(count, 13)
  return [
    { what: `random chains tried: ${count}; that opened`, value: opened, unit: "", goal: "" },
    { what: "of them more than their owner let, or less", value: wrong.length, unit: "", goal: "0" },
    { what: `decisions compared with Cedar: ${count}; that allow`, value: allowed, unit: "", goal: "" },
    { what: "of them other than Cedar's", value: different.length, unit: "", goal: "0" }
  ]
}

export const capabilityBench = async (count: number): Promise<ReadonlyArray<Figure>> => [
  ...chains(),
  ...decisions(),
  ...await full(count)
]
