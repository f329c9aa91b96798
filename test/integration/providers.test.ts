/** The laws of sign-in by a provider, held over a real node, a real provider in a process of its own, and one that lies. */
import { afterAll, beforeAll } from "vitest"
import { clientSecret, type HostileProvider, hostileProvider } from "../conformance/HostileProvider.ts"
import { providerAttackLaws } from "../conformance/ProviderAttackLaws.ts"
import { providerLaws } from "../conformance/ProviderLaws.ts"
import { freePort, type NodeProcess, startNode } from "../e2e/NodeProcess.ts"
import { knowing, startProvider } from "../e2e/ProviderProcess.ts"

const ends: Array<() => Promise<unknown>> = []
let node: NodeProcess
let hostile: HostileProvider
let wrongName: HostileProvider

beforeAll(async () => {
  hostile = await hostileProvider()
  wrongName = await hostileProvider()
  ends.push(hostile.close, wrongName.close)
  const [providerPort, nobodysPort] = [await freePort(), await freePort()]
  const named = (name: string, issuer: string) => ({
    [`VIVIM_PROVIDER_${name}_ISSUER`]: issuer,
    [`VIVIM_PROVIDER_${name}_CLIENT_ID`]: "vivim",
    [`VIVIM_PROVIDER_${name}_LABEL`]: `${name[0]}${name.slice(1).toLowerCase()}`
  })
  node = await startNode({
    env: {
      ...knowing(providerPort),
      ...named("HOSTILE", hostile.issuer),
      VIVIM_PROVIDER_HOSTILE_CLIENT_SECRET: clientSecret,
      ...named("WRONG", wrongName.issuer),
      ...named("NOBODY", `http://127.0.0.1:${nobodysPort}`),
      VIVIM_SIGN_UP: "open",
      VIVIM_LIMIT_CHALLENGE_BURST: "300",
      VIVIM_LIMIT_CHALLENGE_PER_MINUTE: "1",
      VIVIM_LIMIT_TOKEN_BURST: "400",
      VIVIM_LIMIT_TOKEN_PER_MINUTE: "1",
      VIVIM_LIMIT_SIGN_UP_BURST: "100"
    }
  })
  ends.push(node.stop, await startProvider(providerPort, node.origin))
})
afterAll(() => Promise.all(ends.map((end) => end())))

const world = () => ({ node, hostile, wrongName })
providerLaws(world)
providerAttackLaws(world)
