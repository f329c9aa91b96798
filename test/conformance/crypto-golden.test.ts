/** Our own forms: what was made once is made and opened for ever, by every engine. */
import * as Randomness from "@vivim/crypto/Randomness"
import { construct } from "@vivim/crypto/SuiteConstruction"
import * as Effect from "effect/Effect"
import * as fs from "node:fs"
import * as path from "node:path"
import { assert, describe, expect, it } from "vitest"
import { engines } from "./CryptoEngines.ts"
import { type Golden, lost, make, seed } from "./CryptoGolden.ts"

const file = path.resolve(import.meta.dirname, "../fixtures/crypto/suite-v1.json")
const suite = (name: string) => Effect.map(Effect.suspend(() => engines[name]!(Randomness.seeded(seed))), construct)

describe("golden", () => {
  it.each(Object.keys(engines))("the %s engine makes them anew, byte by byte", async (name) => {
    const made = await Effect.runPromise(make(suite(name)))
    await expect(`${JSON.stringify(made, null, 2)}\n`).toMatchFileSnapshot(file)
  })

  it.each(Object.keys(engines))("the %s engine opens them", async (name) => {
    const golden: Golden = JSON.parse(fs.readFileSync(file, "utf8"))
    assert.deepStrictEqual(await Effect.runPromise(Effect.flatMap(suite(name), (own) => lost(golden, own))), [])
    const spoilt = { ...golden, sealed: { ...golden["sealed"]!, made: golden["envelope"]!.made } }
    assert.deepStrictEqual(await Effect.runPromise(Effect.flatMap(suite(name), (own) => lost(spoilt, own))), ["sealed"])
  })
})
