/** What the verifier knows of an asking. */
import { assert, describe, it } from "vitest"
import * as Env from "./Env.ts"
import * as Network from "./Network.ts"
import { holds, parsePolicy } from "./Statement.ts"

const opens = (ip: string | null, ...networks: readonly [string, ...Array<string>]) =>
  holds(parsePolicy([Env.allowedIps(networks)])!, { args: {}, env: Env.make({ ip, twoFactor: false }) }, 10_000)

describe("Env", () => {
  it("F2 an address lies in every network that holds it and in no other", () => {
    assert.strictEqual(Network.write("203.0.113.77/24"), "203.0.113.0/24")
    assert.strictEqual(Network.write("203.0.113.7"), "203.0.113.7/32")
    assert.strictEqual(Network.write("::ffff:203.0.113.7"), "203.0.113.7/32")
    assert.strictEqual(Network.write("2001:DB8::1/32"), "2001:db8:0:0:0:0:0:0/32")
    for (const bad of ["203.0.113", "203.0.113.256", "1.2.3.4/33", "::/129", "1::2::3", "x", "", "01.2.3.4", ":::1"]) {
      assert.strictEqual(Network.write(bad), null, bad)
    }
    assert.isTrue(Network.prefix("203.0.113.9")!.startsWith(Network.prefix("203.0.113.0/24")!))
    assert.isFalse(Network.prefix("203.0.112.9")!.startsWith(Network.prefix("203.0.113.0/24")!))
    assert.isFalse(Network.prefix("::1")!.startsWith(Network.prefix("0.0.0.0/0")!))
    assert.isTrue(opens("203.0.113.7", "203.0.113.0/24"))
    assert.isTrue(opens("::ffff:203.0.113.7", "198.51.100.0/24", "203.0.113.0/24"))
    assert.isFalse(opens("203.0.114.7", "203.0.113.0/24"))
    assert.isTrue(opens("2001:db8::5", Network.write("2001:db8::/32")!))
    assert.isFalse(opens("2001:db9::5", Network.write("2001:db8::/32")!))
    assert.isFalse(opens("203.0.113.7", Network.write("::/0")!))
    // Of some no more is known than their network: they are in what holds all of it.
    assert.isTrue(opens("2001:db8:0:0::/64", Network.write("2001:db8::/32")!))
    assert.isFalse(opens("2001:db8:0:0::/64", Network.write("2001:db8::/128")!))
    assert.notProperty(Env.make({ ip: "2001:db8:0:0::/64", twoFactor: false }), "ip")
  })

  it("F1 what is not known is not there", () => {
    assert.isFalse(opens(null, "0.0.0.0/0"))
    assert.isFalse(opens("somewhere", "0.0.0.0/0"))
    assert.strictEqual(Env.make({ ip: "::ffff:203.0.113.7", twoFactor: false })["ip"], "203.0.113.7")
    const policy = parsePolicy([Env.requiresTwoFactor])!
    const with2fa = (twoFactor: boolean) => holds(policy, { args: {}, env: Env.make({ ip: null, twoFactor }) }, 100)
    assert.deepStrictEqual([with2fa(true), with2fa(false)], [true, false])
    assert.isFalse(holds(parsePolicy([["not", ["==", "$env.ip", "1.2.3.4"]]])!, { args: {}, env: {} }, 100))
  })
})
