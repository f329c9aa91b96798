/** The laws of sessions and of access, held over a real node. */
import { afterAll, beforeAll } from "vitest"
import { accessLaws } from "../conformance/AccessLaws.ts"
import { doorLaws } from "../conformance/DoorLaws.ts"
import { passkeyLaws } from "../conformance/PasskeyLaws.ts"
import { sessionLaws } from "../conformance/SessionLaws.ts"
import { type NodeProcess, startNode } from "../e2e/NodeProcess.ts"

let node: NodeProcess
beforeAll(async () => {
  node = await startNode({
    env: {
      VIVIM_SIGN_UP: "open",
      VIVIM_DOOR_ORIGINS: "https://app.example",
      VIVIM_LIMIT_CHALLENGE_BURST: "1000",
      VIVIM_LIMIT_TOKEN_BURST: "1000",
      VIVIM_LIMIT_REFRESH_BURST: "1000",
      VIVIM_LIMIT_SIGN_UP_BURST: "100"
    }
  })
})
afterAll(() => node.stop())

sessionLaws(() => node)
accessLaws(() => node)
doorLaws(() => node)
passkeyLaws(() => node)
