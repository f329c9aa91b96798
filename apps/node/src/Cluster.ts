/**
 * The actors of several processes on one database: spread by shard, each held by one process at a time as its row of locks says.
 *
 * Messages between processes are volatile, as those within one are: nothing is kept of them, so there is no mailbox to overflow, to
 * clean up, or to read again. A lock that was believed too long costs a repeat, never a second history: versions fence it.
 */
import * as MessageStorage from "@effect/cluster/MessageStorage"
import * as RunnerAddress from "@effect/cluster/RunnerAddress"
import * as ShardingConfig from "@effect/cluster/ShardingConfig"
import * as SqlRunnerStorage from "@effect/cluster/SqlRunnerStorage"
import * as NodeClusterSocket from "@effect/platform-node/NodeClusterSocket"
import * as SqlClient from "@effect/sql/SqlClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as ClusterAddress from "./ClusterAddress.ts"

export interface Options
  extends Pick<ShardingConfig.ShardingConfig["Type"], "entityMaxIdleTime" | "entityMailboxCapacity">
{
  /** `host:port` */
  readonly address: string
  readonly public: boolean
  readonly takeOverMax: Duration.DurationInput
}

/** Of the tables `vivim_runners` and `vivim_locks`. A node that is alone keeps its own apart from these. */
const Prefix = "vivim"

/** What one message between two processes may hold: a command has at most the body of one request. */
const MessageBytesMax = 64 * 1024 * 1024

/** In one transaction under one lock: of two processes that begin at once on an empty database, `IF NOT EXISTS` would fail one. */
const migrate = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql.withTransaction(Effect.gen(function*() {
    yield* sql`SELECT pg_advisory_xact_lock(7304, 0)`
    yield* sql`
      CREATE TABLE IF NOT EXISTS vivim_runners (
        machine_id SERIAL PRIMARY KEY, address VARCHAR(255) NOT NULL UNIQUE, runner TEXT NOT NULL,
        healthy BOOLEAN NOT NULL DEFAULT TRUE, last_heartbeat TIMESTAMP NOT NULL DEFAULT NOW()
      )`
    yield* sql`
      CREATE TABLE IF NOT EXISTS vivim_locks (
        shard_id VARCHAR(50) PRIMARY KEY, address VARCHAR(255) NOT NULL, acquired_at TIMESTAMP NOT NULL
      )`
  }))
})

/**
 * Locks are rows that expire, over locks of a session: a process that hangs, or whose host is gone without a word, keeps its session
 * for as long as it likes. The price is that two may hold one actor for a moment, and that is what expected versions are for.
 */
const settings = (
  { entityMailboxCapacity, entityMaxIdleTime, takeOverMax }: Options,
  at: ClusterAddress.ClusterAddress
) => ({
  ...ShardingConfig.defaults,
  runnerAddress: Option.some(RunnerAddress.make(at.host, at.port)),
  shardLockDisableAdvisory: true,
  shardLockExpiration: takeOverMax,
  shardLockRefreshInterval: Duration.times(takeOverMax, 1 / 3),
  refreshAssignmentsInterval: Duration.seconds(1),
  runnerHealthCheckInterval: Duration.seconds(5),
  entityMessagePollInterval: Duration.seconds(2),
  entityMailboxCapacity,
  entityMaxIdleTime,
  simulateRemoteSerialization: false
})

/** Joins the processes that are on this database already. */
export const layer = (options: Options) =>
  Layer.unwrapEffect(Effect.map(ClusterAddress.check(options.address, options.public), (at) => {
    const shardingConfig = settings(options, at)
    return NodeClusterSocket.layer({
      storage: "byo",
      serializationMaxBufferSize: MessageBytesMax,
      shardingConfig
    }).pipe(
      Layer.provide(MessageStorage.layerNoop),
      Layer.provide(SqlRunnerStorage.layerWith({ prefix: Prefix })),
      Layer.provide(ShardingConfig.layer(shardingConfig)),
      Layer.provide(Layer.effectDiscard(migrate))
    )
  }))
