/** The promises of `Agents.ts`. */
import { assert, describe, it } from "vitest"
import { agentName } from "./Agents.ts"

const mozilla = "Mozilla/5.0"

describe("browsers by name", () => {
  it("G1 names a browser with its system, and shows what is unknown as it calls itself", () => {
    const cases: ReadonlyArray<readonly [string, string]> = [
      [`${mozilla} (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36`, "Chrome on Linux"],
      [`${mozilla} (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0`, "Edge on Windows"],
      [
        `${mozilla} (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1`,
        "Safari on iPhone"
      ],
      [`${mozilla} (Macintosh; Intel Mac OS X 10_15) Gecko/20100101 Firefox/142.0`, "Firefox on macOS"],
      [`${mozilla} (Linux; Android 15) Unheard/1`, "A browser on Android"],
      ["curl/8.5.0", "curl"],
      ["", "Unknown program"],
      ["z".repeat(200), "z".repeat(40)]
    ]
    for (const [agent, name] of cases) assert.strictEqual(agentName(agent), name)
  })
})
