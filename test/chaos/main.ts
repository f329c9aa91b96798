/** `npm run chaos [kills] [seed]`: kills the node and its database under load, two hundred times unless told otherwise. */
import { storm } from "./Kills.ts"

const [kills = "200", seed = String(Date.now() % 65_536)] = process.argv.slice(2)
if (!/^\d{1,5}$/.test(kills) || !/^\d{1,9}$/.test(seed)) {
  console.error("npm run chaos -- [kills] [seed]: two whole numbers, such as 200 and 7.")
  process.exit(2)
}
console.log(`${kills} kills, seed ${seed}`)
const weathered = await storm({ kills: Number(kills), seed: Number(seed), report: (line) => console.log(line) })
console.log(JSON.stringify(weathered))
process.exit(0)
