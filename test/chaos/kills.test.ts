/** Twenty kills of the node and of its database server under load; `npm run chaos` does two hundred. */
import { assert, describe, it } from "vitest"
import { noServer } from "../conformance/ServerPostgres.ts"
import { storm } from "./Kills.ts"

describe.skipIf(noServer !== null)("a node and its database, killed under load", () => {
  it(
    "lose no answered command, state none twice, leave no gap; views equal a fresh replay, and the log is sound",
    async () => {
      const { askedAgain, commands, kills } = await storm({ kills: 20, seed: 20 })
      assert.strictEqual(kills.node + kills.server, 20)
      assert.isAbove(kills.server, 2)
      assert.isAbove(kills.node, 5)
      assert.isAbove(commands, 200)
      assert.isAbove(askedAgain, 20, "kills met commands on their way")
    },
    600_000
  )
})
