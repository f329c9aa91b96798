/** `npm run differential [thousands] [seed]`: Node's crypto engine against the reference, on a million random inputs unless told otherwise. */
import * as Randomness from "@vivim/crypto/Randomness"
import * as Effect from "effect/Effect"
import { compare } from "./CryptoDifferential.ts"
import { engines } from "./CryptoEngines.ts"

const [thousands = "1000", seed = String(Date.now() % 65_536)] = process.argv.slice(2)
if (!/^\d{1,6}$/.test(thousands) || !/^\d{1,9}$/.test(seed)) {
  console.error("npm run differential -- [thousands] [seed]: two whole numbers, such as 1000 and 7.")
  process.exit(2)
}
console.log(`${thousands} thousand cases, seed ${seed}`)
const [node, reference] = await Promise.all(
  ["node", "reference"].map((name) => Effect.runPromise(engines[name]!(Randomness.system)))
)
const cases: Record<string, number> = {}
let [refused, differing] = [0, 0]
for (let slice = 0; slice < Number(thousands); slice += 10) {
  const size = Math.min(10, Number(thousands) - slice)
  const found = await Effect.runPromise(compare(node!, reference!, size, Number(seed) + slice))
  for (const [kind, count] of Object.entries(found.cases)) cases[kind] = (cases[kind] ?? 0) + count
  refused += found.refused
  differing += found.differing.length
  for (const line of found.differing) console.log(line)
}
const { system, user } = process.cpuUsage()
console.log(JSON.stringify({ cases, refused, differing, cpuSeconds: Math.round((system + user) / 1e6) }))
process.exit(differing === 0 ? 0 : 1)
