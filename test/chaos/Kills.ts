/**
 * A node under load whose process, or whose database server, is killed with SIGKILL at moments drawn from a seed; and what must be
 * true after each kill.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { serverPostgres, type TestServer } from "../conformance/ServerPostgres.ts"
import { startNode } from "../e2e/NodeProcess.ts"
import { inspect, pause, Writers } from "./Writers.ts"

export interface Storm {
  readonly kills: number
  readonly seed: number
  /** Told after each kill that came out well. */
  readonly report?: (line: string) => void
}

export interface Weathered {
  readonly kills: { readonly node: number; readonly server: number }
  readonly commands: number
  /** Commands whose answer was lost, and that got their receipt when asked again. */
  readonly askedAgain: number
  readonly events: number
}

/** Kills and looks, so many times; answers what was weathered. */
export const storm = async ({ kills, report = () => {}, seed }: Storm): Promise<Weathered> => {
  const scope = Effect.runSync(Scope.make())
  const server: TestServer = await Effect.runPromise(Scope.extend(serverPostgres, scope))
  const url = Redacted.value(await Effect.runPromise(server.newDatabase))
  const writers = new Writers(await startNode({ env: { VIVIM_DATABASE_URL: url } }), seed)
  const counted = { node: 0, server: 0 }
  const strike = async (what: "node" | "server") => {
    counted[what]++
    if (what === "node") {
      await writers.node.kill()
      writers.node = await writers.node.again()
    } else {
      await Effect.runPromise(server.kill)
      await pause(writers.draw(500))
      await Effect.runPromise(server.start)
    }
  }
  let events = 0
  try {
    await writers.open()
    for (let n = 0; n < kills; n++) {
      const from = writers.kept.length
      const what = writers.draw(3) === 0 ? "server" : "node"
      await writers.during(async () => {
        await pause(100 + writers.draw(900))
        await strike(what)
        await pause(100 + writers.draw(300))
      })
      events = await inspect(writers, from)
      report(
        `kill ${n + 1} of ${kills} (${what}): ${writers.kept.length} commands kept, ${events} events, all as answered`
      )
    }
    return { kills: counted, commands: writers.kept.length, askedAgain: writers.askedAgain, events }
  } finally {
    await writers.node.stop()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
}
