/** Reaches the running node this command line belongs to: same switches, same data folder, its token. */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import { type Connection, VivimClient } from "@vivim/client/VivimClient"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as fs from "node:fs"
import { load, type NodeConfig } from "../../../../effect.config.ts"
import { folders } from "../Folders.ts"
import { couldNot, refused } from "./Ended.ts"

export interface Reached {
  /** `http://host:port` */
  readonly origin: string
  readonly token: Redacted.Redacted
  readonly actAs: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** An address that listens everywhere is reached on the loopback. */
const reachable = (host: string) => {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1"
  return host.includes(":") ? `[${host}]` : host
}

/** Where a node with these switches answers. */
export const originOf = ({ host, port }: NodeConfig["node"]) => `http://${reachable(host)}:${port}`

const readToken = (file: string) =>
  Effect.try({
    try: () => fs.readFileSync(file, "utf8").trim(),
    catch: () =>
      couldNot(
        `There is no token at ${file}: start the node once with \`npm start\`, or set VIVIM_DATA_DIR to its data folder.`
      )
  })

/** Asks whether the node answers; `null` when it does not. */
export const alive = (origin: string): Effect.Effect<boolean> =>
  Effect.tryPromise(() => fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(3_000) })).pipe(
    Effect.map((response) => response.ok),
    Effect.catchAll(() => Effect.succeed(false))
  )

export const away = (origin: string) => couldNot(`No node answers at ${origin}: start one with \`npm start\`.`)

export const settings = Effect.mapError(load, ({ message }) => refused(message))

/** Finds the node and makes sure it answers. */
export const reach = Effect.fn("NodeConnection.reach")(function*(actAs: string | undefined) {
  const { node } = yield* settings
  const origin = originOf(node)
  if (!(yield* alive(origin))) return yield* away(origin)
  const token = Redacted.make(yield* readToken(folders(node.dataDir, node.keysDir).token))
  return {
    origin,
    token,
    actAs,
    headers: { authorization: `Bearer ${Redacted.value(token)}`, ...actAs === undefined ? {} : { "vivim-as": actAs } }
  } satisfies Reached
})

/** How long a command waits for a node that goes away under it: somebody sits before it. */
const AwayMax = "10 seconds"

const client = ({ actAs, origin, token }: Reached, patience: Duration.DurationInput): Layer.Layer<VivimClient> => {
  const connection: Connection = {
    url: `${origin.replace(/^http/, "ws")}/rpc`,
    token,
    patience,
    ...actAs === undefined ? {} : { actAs }
  }
  return VivimClient.layer(connection).pipe(Layer.provide(NodeSocket.layerWebSocketConstructor))
}

/** What refusals of the session mean to whoever typed the command. */
const explain = (error: any) => {
  switch (error?._tag) {
    case "Ended":
      return error
    case "NotSignedIn":
    case "NotAllowed":
      return refused(`The node refuses: ${error.message}.`)
    default:
      return couldNot(`The node could not do it: ${error?.message || error?._tag || String(error)}.`)
  }
}

/** Runs a command's work with the typed client, and turns whatever fails into an exit code and a sentence. */
export const withNode = <A, E>(
  actAs: string | undefined,
  work: (reached: Reached) => Effect.Effect<A, E, VivimClient>,
  patience: Duration.DurationInput = AwayMax
) =>
  Effect.flatMap(
    reach(actAs),
    (reached) => work(reached).pipe(Effect.provide(client(reached, patience)), Effect.mapError(explain))
  )
