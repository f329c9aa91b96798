/** Where processes of one node may reach each other. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { assert, describe, it } from "vitest"
import * as ClusterAddress from "./ClusterAddress.ts"

const check = (address: string, isPublicFine = false, ips: ReadonlyArray<string> = []) =>
  Effect.runPromise(Effect.either(ClusterAddress.check(address, isPublicFine, () => Promise.resolve(ips))))
const said = async (...given: Parameters<typeof check>) => {
  const found = await check(...given)
  return Either.isLeft(found) ? found.left.message : "taken"
}

describe("the address of a process of a node", () => {
  it("C1 is taken when only the same network reaches it", async () => {
    for (const ip of ["127.0.0.1", "10.9.8.7", "172.31.0.1", "192.168.1.2", "100.64.0.1", "[::1]", "[fd00::1]"]) {
      assert.strictEqual(await said(`${ip}:4200`), "taken", ip)
    }
    assert.deepStrictEqual(
      await check("[fd00::1]:4200"),
      Either.right({ host: "fd00::1", port: 4200 })
    )
    assert.strictEqual(await said("node-1.internal:4200", false, ["10.0.0.1", "fd00::1"]), "taken")
  })

  it("C1 is refused when it is a public one, or a name for one, unless that was asked for", async () => {
    for (const address of ["8.8.8.8:4200", "172.32.0.1:4200", "100.128.0.1:4200", "[2001:db8::1]:4200"]) {
      assert.include(await said(address), "public address", address)
      assert.strictEqual(await said(address, true), "taken", address)
    }
    assert.include(
      await said("node.example:4200", false, ["10.0.0.1", "203.0.113.7"]),
      "203.0.113.7 is a public address"
    )
  })

  it("C2 is refused when it is everywhere, no name, or no port", async () => {
    for (const address of ["0.0.0.0:4200", "[::]:4200", "[0:0:0:0:0:0:0:0]:4200"]) {
      assert.include(await said(address, true), "everywhere", address)
    }
    const nobody = ClusterAddress.check("nowhere:4200", false, () => Promise.reject(new Error("ENOTFOUND")))
    assert.include((await Effect.runPromise(Effect.flip(nobody))).message, "nowhere is no name this machine knows")
    assert.include(await said("10.0.0.1:70000"), "from 1 to 65535")
    assert.include(await said("10.0.0.1:0"), "from 1 to 65535")
  })
})
