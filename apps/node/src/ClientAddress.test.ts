/** Where requests come from, and what they would like to be believed. */
import { assert, describe, it } from "vitest"
import { addressOf, shortened } from "./ClientAddress.ts"

const from = (remoteAddress: string | undefined, forwarded?: string) => ({
  remoteAddress,
  headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded }
})

describe("a client's address", () => {
  it("N1 is the connection's own, or what the operator's proxies say, counted from the right", () => {
    assert.strictEqual(addressOf(from("192.0.2.1", "203.0.113.9"), 0), "192.0.2.1")
    assert.strictEqual(addressOf(from("192.0.2.1", "6.6.6.6, 203.0.113.9"), 1), "203.0.113.9")
    assert.strictEqual(addressOf(from("192.0.2.1", "6.6.6.6, 203.0.113.9, 192.0.2.7"), 2), "203.0.113.9")
    assert.strictEqual(
      addressOf(from("192.0.2.1", "203.0.113.9"), 2),
      "192.0.2.1",
      "the proxies say less than they should"
    )
    assert.strictEqual(addressOf(from("192.0.2.1", "nonsense"), 1), "unknown")
    assert.strictEqual(addressOf(from(undefined), 0), "unknown")
  })

  it("N2 is the network of one subscriber, and for the log of more than one", () => {
    assert.strictEqual(addressOf(from("::ffff:192.0.2.1"), 0), "192.0.2.1")
    assert.strictEqual(addressOf(from("2001:db8:1:2:3:4:5:6"), 0), "2001:db8:1:2::/64")
    assert.strictEqual(addressOf(from("2001:db8::1"), 0), "2001:db8:0:0::/64")
    assert.strictEqual(addressOf(from("2001:0DB8:0:0:9::1"), 0), "2001:db8:0:0::/64")
    assert.strictEqual(shortened("192.0.2.1"), "192.0.2.0/24")
    assert.strictEqual(shortened("2001:db8:1:2::/64"), "2001:db8:1::/48")
    assert.strictEqual(shortened("unknown"), "unknown")
  })
})
