/** `vivim doctor`: looks at everything a node stands on, and at the node when it runs; says what is wrong and what to do. */
import * as Command from "@effect/cli/Command"
import { VivimClient } from "@vivim/client/VivimClient"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { fileURLToPath } from "node:url"
import { load, type NodeConfig } from "../../../../effect.config.ts"
import * as DoctorArchive from "../DoctorArchive.ts"
import * as DoctorDatabase from "../DoctorDatabase.ts"
import { fail, type Finding, look } from "../DoctorFinding.ts"
import * as DoctorMachine from "../DoctorMachine.ts"
import * as DoctorNode from "../DoctorNode.ts"
import { folders } from "../Folders.ts"
import { couldNot, print, printJson } from "./Ended.ts"
import { alive, originOf, withNode } from "./NodeConnection.ts"
import { json } from "./Switches.ts"

/** From the sources as from the build: both lie one folder below the room. */
const webClient = fileURLToPath(
  new URL(/\/cli\/[^/]+$/.test(import.meta.url) ? "../../../web/dist" : "../../web/dist", import.meta.url)
)

const loopLagMs = (origin: string) =>
  Effect.tryPromise(() => fetch(`${origin}/metrics`).then((response) => response.text())).pipe(
    Effect.map((text) => {
      const seconds = /^vivim_event_loop_lag_seconds (\S+)$/m.exec(text)?.[1]
      return seconds === undefined ? null : Number(seconds) * 1_000
    }),
    Effect.orElseSucceed(() => null)
  )

const otherNode =
  "It may be the node of another data folder: VIVIM_PORT and VIVIM_DATA_DIR must be those it was started with."

/** Asked of the node: it knows where its segments lie. */
const archive = withNode(undefined, () => Effect.flatMap(VivimClient, (client) => client.ListSegments({}))).pipe(
  Effect.timeout("30 seconds"),
  Effect.map(DoctorArchive.findings)
)

const node = (config: NodeConfig["node"]) =>
  Effect.gen(function*() {
    const origin = originOf(config)
    if (!(yield* alive(origin))) return [yield* DoctorNode.notRunning(config)]
    const health = yield* withNode(undefined, () =>
      Effect.flatMap(VivimClient, (client) => Stream.runHead(client.WatchNode({})))).pipe(
        Effect.timeout("10 seconds"),
        Effect.either
      )
    if (Either.isLeft(health)) {
      return [
        fail("node", `A node answers at ${origin}, but does not say how it is. ${health.left.message}`, otherNode)
      ]
    }
    return Option.isNone(health.right)
      ? [fail("node", `The node at ${origin} does not say how it is.`, "See what its log says.")]
      : [...DoctorNode.running(health.right.value, yield* loopLagMs(origin)), ...yield* look("archive", archive)]
  })

const set = (config: NodeConfig) =>
  Effect.map(
    Effect.all([
      DoctorMachine.folder(folders(config.node.dataDir, config.node.keysDir)),
      DoctorDatabase.database(config.node),
      look("node", node(config.node))
    ]),
    (
      found
    ): ReadonlyArray<Finding> => [{
      check: "switches",
      state: "ok",
      says: "Every switch has a value it can have.",
      todo: null
    }, ...found.flat()]
  )

/** With a switch that cannot be used nobody knows where the node is: what depends on that is not looked at. */
const settings = Effect.matchEffect(load, {
  onSuccess: set,
  onFailure: ({ message }) =>
    Effect.succeed(
      message.split("\n").map((sentence) => fail("switches", sentence, "Set it right; the rest is looked at then."))
    )
})

const mark = { ok: "ok  ", warn: "WARN", fail: "FAIL" } as const

const page = (findings: ReadonlyArray<Finding>): string =>
  findings.flatMap(({ check, says, state, todo }) => [
    `${mark[state]}  ${check.padEnd(14)}  ${says}`,
    ...todo === null ? [] : [`${" ".repeat(22)}${todo}`]
  ]).join("\n")

export const doctorCommand = Command.make("doctor", { json }, (given) =>
  Effect.gen(function*() {
    const findings = [...yield* DoctorMachine.machine(webClient), ...yield* settings]
    const failed = findings.filter(({ state }) => state === "fail").length
    yield* given.json ? printJson({ ok: failed === 0, checks: findings }) : print(page(findings))
    if (failed > 0) return yield* couldNot(failed === 1 ? "One thing is wrong." : `${failed} things are wrong.`)
  })).pipe(Command.withDescription("Look at everything a node needs, and say what is wrong and what to do"))
