/** How the node begins and ends in its terminal: one greeting, or one sentence that says why it cannot start. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { EventStore } from "@vivim/event-store/EventStore"
import { Views } from "@vivim/projection/Views"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import type { NodeConfig } from "../../../effect.config.ts"
import { LocalSession } from "./LocalSession.ts"
import { NodeDatabase } from "./NodeDatabase.ts"

const levels: Readonly<Record<NodeConfig["node"]["logLevel"], LogLevel.LogLevel>> = {
  debug: LogLevel.Debug,
  info: LogLevel.Info,
  warning: LogLevel.Warning,
  error: LogLevel.Error,
  none: LogLevel.None
}

/** Structured lines on stderr; stdout is for what a person asked for. */
export const logger = (level: NodeConfig["node"]["logLevel"]): Layer.Layer<never> =>
  Layer.merge(
    Logger.replace(Logger.defaultLogger, Logger.withConsoleError(Logger.logfmtLogger)),
    Logger.minimumLogLevel(levels[level])
  )

const write = (text: string) => Effect.sync(() => void process.stdout.write(`${text}\n`))

/** Says where the node is, once every view has caught up or stands still; the token is shown only by the start that made it. */
export const greet = ({ node }: NodeConfig) =>
  Effect.gen(function*() {
    const { isNew, token } = yield* LocalSession
    const { kind } = yield* NodeDatabase
    const views = yield* Views
    const stopped = yield* Effect.flip(views.waitFor(yield* (yield* EventStore).head)).pipe(Effect.option)
    const host = node.host === "0.0.0.0" || node.host === "::" ? "127.0.0.1" : node.host
    const origin = `http://${host.includes(":") ? `[${host}]` : host}:${node.port}`
    yield* write(
      `VIVIM is ready at ${origin}  (${
        kind === "embedded" ? "embedded database" : "PostgreSQL server"
      }, data in ${node.dataDir})`
    )
    if (Option.isSome(stopped)) {
      yield* write(`A view stands still: ${stopped.value.message}. See \`vivim views\`.`)
    }
    if (isNew) {
      yield* write(`Open it signed in:  ${origin}/#token=${token}`)
      yield* write(`This token is shown once; it is kept in ${node.dataDir}/session.token, readable by you alone.`)
    }
  })

/** The sentence for a person, if the failure has one. */
const sentence = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause) as {
    readonly message?: string
    readonly code?: string
    readonly cause?: unknown
    readonly port?: number
  }
  const root = (error.cause ?? error) as { readonly code?: string; readonly port?: number; readonly address?: string }
  if (root.code === "EADDRINUSE") {
    return `Port ${root.port} is in use: stop what listens there, or give VIVIM_PORT another port.`
  }
  if (root.code === "EACCES" && root.port !== undefined) {
    return `Port ${root.port} is not allowed for this user: give VIVIM_PORT one above 1023.`
  }
  if (root.code === "EADDRNOTAVAIL") {
    return `The address ${root.address} is not one of this machine: give VIVIM_HOST another.`
  }
  return error.message !== undefined && error.message !== "" ? error.message : Cause.pretty(cause)
}

/** Runs until it is told to stop. A failure is one sentence on stderr and exit code 1. */
export const run = <E>(node: Effect.Effect<unknown, E>): void =>
  NodeRuntime.runMain(
    node.pipe(
      Effect.catchAllCause((cause) =>
        Cause.isInterruptedOnly(cause)
          ? Effect.void
          : Effect.zipRight(
            Effect.sync(() => {
              process.stderr.write(`${sentence(cause)}\n`)
              process.exitCode = 1
            }),
            Effect.failCause(cause)
          )
      )
    ),
    { disableErrorReporting: true, disablePrettyLogger: true }
  )
