/**
 * The processes of a node as their table has them: who is at work, with how many shards of the actors; and whether this one is.
 *
 * V1  A process that was not heard of for too long is told by the others; shards that nobody holds are told.
 * V2  A process that hears nothing of itself any more, while the database answers, is not alive: whoever watches it starts it again.
 */
import * as SqlClient from "@effect/sql/SqlClient"
import type { NodeHealth } from "@vivim/contract/Operator"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { fail, type Finding, ok, warn } from "./DoctorFinding.ts"

export type ClusterHealth = NonNullable<NodeHealth["cluster"]>
type Runner = ClusterHealth["runners"][number]

export interface Options {
  readonly address: string
  readonly takeOverMax: Duration.DurationInput
}

/** How many shards there are, of which each process holds some. */
const ShardsAll = 300

interface Row {
  readonly address: string
  readonly silent: number
  readonly shards: number
}

/** Null for a node of one process, and while the database does not answer. */
export const read = ({ address: self, takeOverMax }: Options): Effect.Effect<
  ClusterHealth | null,
  never,
  SqlClient.SqlClient
> =>
  self === "" ? Effect.succeed(null) : Effect.gen(function*() {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Row>`
      SELECT r.address, (extract(epoch FROM now() - r.last_heartbeat) * 1000)::float8 AS silent,
        (SELECT count(*)::integer FROM vivim_locks l WHERE l.address = r.address
          AND l.acquired_at > now() - make_interval(secs => ${Duration.toSeconds(takeOverMax)})) AS shards
      FROM vivim_runners r ORDER BY r.address`
    return {
      self,
      shards: ShardsAll,
      runners: rows.map(({ address, shards, silent }): Runner => ({
        address,
        shards,
        silentMs: Math.max(0, Math.round(silent)),
        atWork: silent <= Duration.toMillis(takeOverMax)
      }))
    } satisfies ClusterHealth
  }).pipe(Effect.timeout("3 seconds"), Effect.orElseSucceed(() => null))

const ownOf = ({ runners, self }: ClusterHealth) => runners.find(({ address }) => address === self)
const heldBy = (runners: ReadonlyArray<Runner>) => runners.reduce((sum, { shards }) => sum + shards, 0)

/** Why this process cannot serve. */
export const problems = (cluster: ClusterHealth): ReadonlyArray<string> =>
  ownOf(cluster)?.atWork === true ? [] : ["this process is not among those that hold the node's actors"]

/** What is wrong with the node as a whole. */
export const warnings = (cluster: ClusterHealth): ReadonlyArray<string> => {
  const { runners, self, shards } = cluster
  const held = heldBy(runners)
  return [
    ...runners.filter(({ address, atWork }) => !atWork && address !== self).map(({ address, silentMs }) =>
      `the process at ${address} was not heard of for ${Math.round(silentMs / 1_000)} seconds`
    ),
    ...held < shards ? [`${shards - held} of ${shards} shards of the actors are held by nobody just now`] : []
  ]
}

/** For the doctor. */
export const findings = (cluster: ClusterHealth): ReadonlyArray<Finding> => {
  const { runners, self, shards } = cluster
  const at = runners.filter(({ atWork }) => atWork)
  const says = at.map(({ address, shards }) => `${address}${address === self ? " (this one)" : ""} with ${shards}`)
  const told = `${at.length} at work, holding ${heldBy(runners)} of ${shards} shards: ${says.join(", ")}.`
  const [problem] = problems(cluster)
  if (problem !== undefined) {
    return [fail("processes", `It says: ${problem}. ${told}`, "Start this process again when it does not come back.")]
  }
  const wrong = warnings(cluster)
  return wrong.length === 0
    ? [ok("processes", told)]
    : [
      warn("processes", `${told} But ${wrong.join("; ")}.`, "It passes when a process comes or goes; else see its log.")
    ]
}

/** How long this process may be silent in its own table before it is taken for hanging. */
const HangingTimes = 4

/** Asked now and then: whether this process has been silent in the table for long although the database answers. */
export const hangs = (cluster: ClusterHealth | null, options: Options, startedAt: number) =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const max = HangingTimes * Duration.toMillis(options.takeOverMax)
    if (cluster === null || now - startedAt < max) return false
    return (ownOf(cluster)?.silentMs ?? Infinity) > max
  })
