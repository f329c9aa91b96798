/** The laws of sessions and limits, held over two processes of one node on one server. */
import { afterAll, beforeAll, describe } from "vitest"
import { companyLaws, rule } from "../conformance/CompanyLaws.ts"
import { noServer } from "../conformance/ServerPostgres.ts"
import type { NodeProcess } from "../e2e/NodeProcess.ts"
import { company } from "./Company.ts"

// Without the system's PostgreSQL programs there is no server for several processes.
describe.skipIf(noServer !== null)("with PostgreSQL programs", () => {
  let together: Awaited<ReturnType<typeof company>>
  let nodes: readonly [NodeProcess, NodeProcess]
  beforeAll(async () => {
    const env = {
      VIVIM_SIGN_UP: "token",
      VIVIM_SIGN_UP_TOKEN: rule.invitation,
      VIVIM_LIMIT_SIGN_UP_BURST: "20",
      VIVIM_LIMIT_CHALLENGE_BURST: String(rule.challenges),
      VIVIM_LIMIT_CHALLENGE_PER_MINUTE: "1"
    }
    together = await company(0)
    nodes = [await together.join(env), await together.join(env)]
  })
  afterAll(() => together.end())
  companyLaws(() => nodes)
})
