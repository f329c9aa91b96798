/** The test vectors of UCAN 1.0: its envelope, its policy language, its chains. Left out where the vectors are not beside the sources. */
import * as Chain from "@vivim/crypto/capability/Chain"
import * as Command from "@vivim/crypto/capability/Command"
import * as Delegation from "@vivim/crypto/capability/Delegation"
import * as Invocation from "@vivim/crypto/capability/Invocation"
import * as Rules from "@vivim/crypto/capability/Rules"
import { holds, parsePolicy } from "@vivim/crypto/capability/Statement"
import * as DidKey from "@vivim/crypto/DidKey"
import * as SigningKey from "@vivim/crypto/SigningKey"
import * as Option from "effect/Option"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, it } from "vitest"

const folder = path.resolve(import.meta.dirname, "../../../shared/vectors/ucan-1.0.0")
const isThere = fs.existsSync(folder)
const vectors = (name: string) => JSON.parse(fs.readFileSync(path.join(folder, `${name}.json`), "utf8"))
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"))

interface Case {
  readonly name: string
  readonly time: number
  readonly invocation: { readonly "/": { readonly bytes: string } }
  readonly proofs: ReadonlyArray<Case["invocation"]>
  readonly error?: { readonly name: string }
}

const signed = (
  { envelope, issuer }: { readonly envelope: Delegation.Delegation["envelope"]; readonly issuer: string }
) => {
  const [key] = Option.toArray(DidKey.toEd25519(issuer))
  return key !== undefined && SigningKey.verify(key, envelope.signed, envelope.signature)
}

/** What is wrong with a case by the bare specification, or null: the parts of the verifier, without VIVIM's profile. */
const judge = ({ invocation, proofs, time }: Case): string | null => {
  const use = Invocation.read(bytesOf(invocation["/"].bytes))
  const chain = proofs.map((proof) => Delegation.read(bytesOf(proof["/"].bytes)))
  if (use === null || chain.some((link) => link === null)) return "form"
  const links = chain as ReadonlyArray<Delegation.Delegation>
  if (Chain.links(links, Rules.Ucan) !== null || Chain.use(links, use) !== null) return "links"
  if (Chain.time(links, Rules.Ucan, time) !== null) return "time"
  if (use.expires !== null && time >= use.expires) return "time"
  const leaf = links.at(-1)
  if (Chain.attenuation(links, Rules.Ucan) !== null) return "attenuation"
  if (leaf !== undefined && !Command.covers(leaf.command, use.command)) return "attenuation"
  if (!signed(use) || !links.every(signed)) return "signature"
  return links.every(({ policy }) => holds(policy, { args: use.args, env: {} }, 10_000)) ? null : "policy"
}

const steps: Readonly<Record<string, string>> = {
  InvalidClaim: "links",
  UnavailableProof: "links",
  Expired: "time",
  TooEarly: "time",
  InvalidAudience: "links",
  InvalidSubject: "links",
  InvalidSignature: "signature",
  MatchError: "policy"
}

/** It has no proof either, although its issuer is not its subject: our order meets that first. */
const earlier: Readonly<Record<string, string>> = { "invalid invocation signature": "links" }

describe.skipIf(!isThere)(`UCAN 1.0 vectors in ${folder}`, () => {
  it("a delegation: its bytes, its address, what it says, and who signed it", () => {
    for (const { cid, envelope: { payload }, token } of vectors("delegation").valid) {
      const read = Delegation.read(bytesOf(token))!
      assert.strictEqual(read.cid, cid)
      assert.deepStrictEqual(
        [read.issuer, read.audience, read.subject, read.command, read.statements, read.expires],
        [payload.iss, payload.aud, payload.sub, payload.cmd, payload.pol, payload.exp]
      )
      assert.strictEqual(Buffer.from(read.nonce).toString("base64"), payload.nonce)
      assert.isTrue(signed(read))
    }
  })

  it("chains that are to hold hold, and those that are not fail for the reason given", () => {
    const { invalid, valid } = vectors("invocation") as {
      readonly valid: ReadonlyArray<Case>
      readonly invalid: ReadonlyArray<Case>
    }
    assert.deepStrictEqual([valid.length, invalid.length], [7, 13])
    for (const one of valid) assert.strictEqual(judge(one), null, one.name)
    for (const one of invalid) {
      assert.strictEqual(judge(one), earlier[one.name] ?? steps[one.error!.name], `${one.name}: ${one.error!.name}`)
    }
  })

  it("policies hold and do not hold as they should", () => {
    const { invalid, valid } = vectors("policy")
    for (const [cases, expected] of [[valid, true], [invalid, false]] as const) {
      for (const { args, policies } of cases) {
        for (const policy of policies) {
          assert.strictEqual(holds(parsePolicy(policy)!, { args, env: {} }, 10_000), expected, JSON.stringify(policy))
        }
      }
    }
  })
})
