/**
 * Every switch of a VIVIM node, on one page: its name, what it is, what it may be, what it is unless set.
 * Nothing else in the house reads the environment; `infra/.env.example` is this page, printed.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"

/** What each switch may be, by its full name: for the sentence that refuses it. */
const allowed = new Map<string, string>()
let prefix = ["VIVIM"]

/** Names the group its switches belong to. */
const group = <A>(name: string, switches: () => Config.Config<A>): Config.Config<A> => {
  prefix = ["VIVIM", name]
  const nested = Config.nested(switches(), name)
  prefix = ["VIVIM"]
  return nested
}

interface Said<A> {
  readonly is: string
  readonly may: string
  readonly else: A
}

const one = <A>(name: string, config: Config.Config<A>, said: Said<A>): Config.Config<A> => {
  allowed.set([...prefix, name].join("_"), said.may)
  // Validated under its own name, so that a refusal can say which switch it is about.
  return config.pipe(Config.nested(name), Config.withDefault(said.else), Config.withDescription(said.is))
}

const whole = (name: string, is: string, standard: number, range: readonly [number, number], unit = "") =>
  one(
    name,
    Config.integer().pipe(
      Config.validate({ message: "out of range", validation: (n) => n >= range[0] && n <= range[1] })
    ),
    { is, may: `a whole number from ${range[0]} to ${range[1]}${unit}`, else: standard }
  )

const time = (name: string, is: string, standard: Duration.DurationInput, range: readonly [string, string]) =>
  one(
    name,
    Config.duration().pipe(
      Config.validate({
        message: "out of range",
        validation: Duration.between({
          minimum: Duration.decode(range[0] as Duration.DurationInput),
          maximum: Duration.decode(range[1] as Duration.DurationInput)
        })
      })
    ),
    { is, may: `a duration from ${range[0]} to ${range[1]}, such as "90 seconds"`, else: Duration.decode(standard) }
  )

const MiB = 1 << 20

/** Where the node is, and what it stands on. */
const node = Config.all({
  port: whole("PORT", "The port of every door: web, RPC and REST.", 4100, [1, 65_535]),
  host: one(
    "HOST",
    Config.nonEmptyString().pipe(Config.validate({
      message: "not a host",
      validation: (host) => /^[A-Za-z0-9.:_-]{1,253}$/.test(host)
    })),
    {
      is: "The address the doors listen on; anything but the loopback lets others reach the node.",
      may: "an IP address or host name",
      else: "127.0.0.1"
    }
  ),
  dataDir: one("DATA_DIR", Config.nonEmptyString(), {
    is: "The folder of everything the node keeps: database, users' views, key, token, spool.",
    may: "a folder the node may write to",
    else: "./data"
  }),
  databaseUrl: one(
    "DATABASE_URL",
    Config.redacted().pipe(Config.validate({
      message: "not a PostgreSQL address",
      validation: (url) => Redacted.value(url) === "" || /^postgres(ql)?:\/\/[^\s]+$/.test(Redacted.value(url))
    })),
    {
      is: "A PostgreSQL server (15 or newer) to use instead of the embedded one.",
      may: "empty, or an address such as postgres://user:password@host:5432/database",
      else: Redacted.make("")
    }
  ),
  logLevel: one<"debug" | "info" | "warning" | "error" | "none">(
    "LOG_LEVEL",
    Config.literal("debug", "info", "warning", "error", "none")(),
    {
      is: "The least serious kind of message the node logs.",
      may: "debug, info, warning, error or none",
      else: "info"
    }
  ),
  handle: one(
    "HANDLE",
    Config.nonEmptyString().pipe(Config.validate({
      message: "not a handle",
      validation: (handle) => /^[a-z]([a-z0-9._-]{0,38}[a-z0-9])?$/.test(handle)
    })),
    {
      is: "The handle of the account that is made at the first start.",
      may: "1 to 40 lower-case letters, digits, dots, dashes or underscores, beginning with a letter",
      else: "me"
    }
  )
})

/** The event store. */
const eventStore = () =>
  Config.all({
    eventsMax: whole("EVENTS_MAX", "Events in one append.", 1_000, [1, 10_000]),
    eventBytesMax: whole("EVENT_BYTES_MAX", "Bytes of one event.", 16 * MiB, [1_024, 64 * MiB], " bytes"),
    appendBytesMax: whole("APPEND_BYTES_MAX", "Bytes of one append.", 32 * MiB, [1_024, 512 * MiB], " bytes"),
    queueMax: whole("QUEUE_MAX", "Appends that may wait before the node says it is busy.", 4_096, [1, 1_000_000]),
    queueBytesMax: whole("QUEUE_BYTES_MAX", "Bytes that may wait before the node says it is busy.", 64 * MiB, [
      1_024,
      1_024 * MiB
    ], " bytes"),
    pageMax: whole("PAGE_MAX", "Events read from the log at once.", 500, [1, 10_000]),
    connections: whole("CONNECTIONS", "Connections to the database for reading and for views.", 8, [1, 100])
  })

/** How actors live. */
const actor = () =>
  Config.all({
    idleMax: time("IDLE_MAX", "An actor that hears nothing for so long goes to sleep.", "20 seconds", [
      "1 second",
      "1 day"
    ]),
    mailboxMax: whole("MAILBOX_MAX", "Commands one actor may hold before it says it is full.", 1_024, [1, 100_000]),
    underWayMax: whole("UNDER_WAY_MAX", "Commands of one actor on their way into the log at the same time.", 64, [
      1,
      1_024
    ]),
    snapshotEvery: whole("SNAPSHOT_EVERY", "Events between two snapshots of a living actor.", 100, [10, 100_000])
  })

/** Views and users' files. */
const view = () =>
  Config.all({
    openFilesMax: whole("OPEN_FILES_MAX", "Users' files open at the same time.", 64, [1, 10_000]),
    fileIdleMax: time("FILE_IDLE_MAX", "A user's file nobody asked for so long is closed.", "1 minute", [
      "1 second",
      "1 day"
    ]),
    checkpointEvery: time(
      "CHECKPOINT_EVERY",
      "How long the node-wide checkpoint may trail the users' files.",
      "5 seconds",
      [
        "100 millis",
        "10 minutes"
      ]
    ),
    lagEventsMax: whole(
      "LAG_EVENTS_MAX",
      "Events a view may trail the log before the node says it is not ready.",
      10_000,
      [
        1,
        100_000_000
      ]
    ),
    lagMax: time(
      "LAG_MAX",
      "How long an event may wait for a view before the node says it is not ready.",
      "1 minute",
      ["1 second", "1 day"]
    )
  })

/** What an import takes in. */
const imports = () =>
  Config.all({
    uploadBytesMax: whole("UPLOAD_BYTES_MAX", "Bytes of one file handed over for import.", 4_096 * MiB, [
      1_024,
      65_536 * MiB
    ], " bytes"),
    chunkMessagesMax: whole("CHUNK_MESSAGES_MAX", "Messages in one event of an imported conversation.", 200, [
      1,
      2_000
    ]),
    chunkBytesMax: whole("CHUNK_BYTES_MAX", "Bytes of messages in one event of an imported conversation.", MiB, [
      65_536,
      8 * MiB
    ], " bytes"),
    parallel: whole("PARALLEL", "Conversations of one import worked on at the same time.", 64, [1, 256]),
    runningMax: whole("RUNNING_MAX", "Imports that run at the same time; others wait.", 2, [1, 64])
  })

/** What is kept beside the log. */
const content = () =>
  Config.all({
    bytesMax: whole("BYTES_MAX", "Bytes of one kept file.", 1_024 * MiB, [1_024, 65_536 * MiB], " bytes"),
    uploadIdleMax: time("UPLOAD_IDLE_MAX", "A file that comes in and gets nothing for so long is given up.", "1 hour", [
      "1 minute",
      "7 days"
    ])
  })

/** The audit of the log. */
const audit = () =>
  Config.all({
    headEvery: time("HEAD_EVERY", "How often a tree head is signed while the log grows.", "1 minute", [
      "1 second",
      "1 day"
    ])
  })

/** How processes carry out what they decided. */
const processes = () =>
  Config.all({
    inFlightMax: whole("IN_FLIGHT_MAX", "Commands one process may have under way.", 32, [1, 1_024]),
    attemptsMax: whole("ATTEMPTS_MAX", "How often a step is tried before it waits for an operator.", 12, [1, 1_000]),
    askMax: time("ASK_MAX", "How long a command of a process may take before it is tried again.", "20 seconds", [
      "1 second",
      "10 minutes"
    ]),
    retryMax: time("RETRY_MAX", "The longest pause between two attempts.", "5 minutes", ["1 second", "1 day"])
  })

/** What the doors take. */
const door = () =>
  Config.all({
    bodyBytesMax: whole(
      "BODY_BYTES_MAX",
      "Bytes of one REST request, uploads aside.",
      16 * MiB,
      [1_024, 256 * MiB],
      " bytes"
    )
  })

export const NodeConfig = Config.all({
  node,
  eventStore: group("EVENT_STORE", eventStore),
  actor: group("ACTOR", actor),
  view: group("VIEW", view),
  imports: group("IMPORT", imports),
  content: group("CONTENT", content),
  audit: group("AUDIT", audit),
  process: group("PROCESS", processes),
  door: group("DOOR", door)
}).pipe(Config.nested("VIVIM"))

export type NodeConfig = Config.Config.Success<typeof NodeConfig>

/** One sentence for each switch that cannot be used: its name, its value, what is allowed. */
const sentences = (error: ConfigError.ConfigError): ReadonlyArray<string> => {
  if (error._op === "And") return [...sentences(error.left), ...sentences(error.right)]
  if (error._op === "Or") return sentences(error.right)
  const name = error.path.join("_")
  // The one place that reads the environment may also say what it read; addresses with passwords stay unsaid.
  const value = name.endsWith("_URL") ? "set to something else" : `"${process.env[name] ?? ""}"`
  return [`${name} is ${value}, but it must be ${allowed.get(name) ?? "something else"}.`]
}

/** A switch has a value it cannot have. */
export class WrongSwitch extends Error {
  override readonly name = "WrongSwitch"
  readonly _tag = "WrongSwitch"
}

/** Reads every switch, or refuses with sentences a person can act on. */
export const load: Effect.Effect<NodeConfig, WrongSwitch> = Effect.mapError(
  NodeConfig,
  (error) => new WrongSwitch(sentences(error).join("\n"))
)
