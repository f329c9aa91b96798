/**
 * Every switch of a VIVIM node: its name, what it is, what it may be, what it is unless set. Those of access and of
 * providers stand in `infra` (`AccessSwitches.ts`, `ProviderSwitches.ts`).
 * Nothing else in the house reads the environment; `infra/.env.example` is all of it on one page, printed.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { capability, door, identity, limit, session, vault } from "./infra/AccessSwitches.ts"
import { provider, providers } from "./infra/ProviderSwitches.ts"
import { GiB, group, groups, KiB, mayOf, MiB, one, sharedFolder, text, times, wholes } from "./infra/SwitchKinds.ts"

type SignUp = "open" | "token" | "closed"
type LogLevel = "debug" | "info" | "warning" | "error" | "none"

/** Where the node is, and what it stands on. */
const node = Config.all({
  ...wholes({ port: ["The port of every door: web, RPC and REST.", 4100, 1, 65_535] }),
  host: text("HOST", /^[A-Za-z0-9.:_-]{1,253}$/, {
    is: "The address the doors listen on; anything but the loopback lets others reach the node.",
    may: "an IP address or host name",
    else: "127.0.0.1"
  }),
  dataDir: text("DATA_DIR", /./, {
    is: "The folder of everything the node keeps: database, users' views, key, token, spool.",
    may: "a folder the node may write to",
    else: "./data"
  }),
  keysDir: sharedFolder("KEYS_DIR", "The node's keys, accounts and token: one folder for all its processes."),
  archiveDir: sharedFolder("ARCHIVE_DIR", "Archived ranges of the log: one folder for all processes of a node."),
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
  publicOrigin: text("PUBLIC_ORIGIN", /^$|^https?:\/\/[A-Za-z0-9.:[\]-]+$/, {
    is: "What people reach the node by, where that is another address than HOST and PORT: what they sign names it.",
    may: "empty, or an origin such as https://vivim.example",
    else: ""
  }),
  signUp: one<SignUp>("SIGN_UP", Config.literal("open", "token", "closed")(), {
    is: "Who may open an account from afar: everybody, whoever has VIVIM_SIGN_UP_TOKEN, or nobody.",
    may: "open, token or closed",
    else: "closed"
  }),
  signUpToken: one("SIGN_UP_TOKEN", Config.redacted(), {
    is: "The invitation asked for where VIVIM_SIGN_UP is token.",
    may: "a secret",
    else: Redacted.make("")
  }),
  logLevel: one<LogLevel>("LOG_LEVEL", Config.literal("debug", "info", "warning", "error", "none")(), {
    is: "The least serious kind of message the node logs.",
    may: "debug, info, warning, error or none",
    else: "info"
  }),
  origin: text("ORIGIN", /^$|^https:\/\/[a-z0-9.-]+(:\d{1,5})?$/, {
    is:
      "Where others reach the node; its name among nodes (did:web) is made of it. Empty: nobody but this machine does.",
    may: "empty, or an origin such as https://node.example",
    else: ""
  }),
  handle: text("HANDLE", /^[a-z]([a-z0-9._-]{0,38}[a-z0-9])?$/, {
    is: "The handle of the account that is made at the first start.",
    may: "1 to 40 lower-case letters, digits, dots, dashes or underscores, beginning with a letter",
    else: "me"
  })
})

/** The event store. */
const eventStore = () =>
  Config.all({
    ...wholes({
      eventsMax: ["Events in one append.", 1_000, 1, 10_000],
      eventBytesMax: ["Bytes of one event.", 16 * MiB, KiB, 64 * MiB, " bytes"],
      appendBytesMax: ["Bytes of one append.", 32 * MiB, KiB, 512 * MiB, " bytes"],
      queueMax: ["Appends that may wait before the node says it is busy.", 4_096, 1, 1_000_000],
      queueBytesMax: ["Bytes that may wait before the node says it is busy.", 64 * MiB, KiB, GiB, " bytes"],
      pageMax: ["Events read from the log at once.", 500, 1, 10_000],
      pageBytesMax: ["Bytes read from the log at once, or one event.", 4 * MiB, 64 * KiB, 256 * MiB, " bytes"],
      tailMax: ["Events of the log's end kept in memory for those who follow it.", 8_192, 1, 1_000_000],
      tailBytesMax: ["Bytes of the log's end kept in memory.", 8 * MiB, KiB, GiB, " bytes"],
      segmentEventsMax: ["Events in one archived segment; a power of two is made of it.", 65_536, 16, 1_048_576],
      segmentBytesMax: ["Bytes of archived events kept in memory for who reads next.", 16 * MiB, MiB, GiB, " bytes"],
      headsMax: ["Streams whose heads are remembered.", 50_000, 1, 10_000_000],
      roundsMax: ["Rounds of appends under way to the database at once.", 2, 1, 8],
      pieceMin: ["Events that go out as a round of their own while another is committed.", 128, 1, 1_000_000],
      readersMax: ["Connections to the database for reading the log.", 4, 1, 100],
      connections: ["Connections to the database for all that is kept beside the log.", 8, 1, 100]
    }),
    ...times({
      awayMax: ["How long an append waits for a database that is away.", "5 seconds", "100 millis", "10 minutes"],
      connectMax: ["How long the log waits for a connection.", "5 seconds", "100 millis", "1 minute"],
      statementMax: [
        "How long the database may take for one statement of the log.",
        "30 seconds",
        "1 second",
        "1 hour"
      ],
      silentMax: ["Silence in the middle of a round after which the log is freed.", "15 seconds", "1 second", "1 hour"],
      lookEvery: ["How often the log is looked at in case nothing was heard.", "5 seconds", "100 millis", "10 minutes"]
    })
  })

/** How actors live. */
const actor = () =>
  Config.all({
    ...times({
      idleMax: ["An actor that hears nothing for so long goes to sleep.", "20 seconds", "1 second", "1 day"],
      attemptMax: ["How long one attempt to reach an actor may take.", "10 seconds", "100 millis", "10 minutes"],
      patience: ["How long an actor is tried before its caller is told.", "30 seconds", "1 second", "1 hour"]
    }),
    ...wholes({
      mailboxMax: ["Commands one actor may hold before it says it is full.", 1_024, 1, 100_000],
      quarantineMax: ["Actors that stand still and are listed.", 1_000, 1, 1_000_000],
      underWayMax: ["Commands of one actor on their way into the log at the same time.", 64, 1, 1_024],
      snapshotEvery: ["Events between two snapshots of a living actor.", 100, 10, 100_000]
    })
  })

/** Views and users' files. */
const view = () =>
  Config.all({
    ...wholes({
      openFilesMax: ["Users' files open at the same time.", 64, 1, 10_000],
      lagEventsMax: ["Events a view may trail the log before the node says it is not ready.", 10_000, 1, 100_000_000]
    }),
    ...times({
      fileIdleMax: ["A user's file nobody asked for so long is closed.", "1 minute", "1 second", "1 day"],
      checkpointEvery: ["How long the checkpoint may trail the users' files.", "5 seconds", "100 millis", "10 minutes"],
      lagMax: ["How long an event may wait for a view before the node is not ready.", "1 minute", "1 second", "1 day"]
    })
  })

/** How views are built anew while somebody waits for the node. */
const rebuild = () =>
  Config.all({
    ...wholes({
      restTimes: ["Beside live work a rebuild rests so many times as long as it worked.", 4, 0, 100],
      batchMax: ["Events a rebuild hands to the database at once beside live work.", 256, 1, 4_096]
    }),
    ...times({
      pieceMax: ["How long a rebuild works beside live work before it rests.", "2 millis", "1 millis", "1 second"],
      restMax: ["The longest rest of a rebuild beside live work.", "200 millis", "0 millis", "1 minute"],
      lingerMax: ["How long live work is taken to go on after its last sign.", "100 millis", "0 millis", "1 minute"]
    })
  })

/** What an import takes in. */
const imports = () =>
  Config.all({
    ...wholes({
      uploadBytesMax: ["Bytes of one file handed over for import.", 4 * GiB, KiB, 64 * GiB, " bytes"],
      chunkMessagesMax: ["Messages in one event of an imported conversation.", 200, 1, 2_000],
      chunkBytesMax: ["Bytes of messages in one event of an imported conversation.", MiB, 64 * KiB, 8 * MiB, " bytes"],
      parallel: ["Conversations of one import worked on at the same time.", 64, 1, 256],
      runningMax: ["Imports that run at the same time; others wait.", 2, 1, 64]
    }),
    limits: Config.all(wholes({
      entriesMax: ["Entries of one zip or folder that are looked at.", 100_000, 1, 10_000_000],
      ratioMax: ["How many times larger than its packed form an entry of a zip may unpack to.", 200, 1, 100_000],
      ratioFreeBytes: ["An entry that unpacks to at most this much is never a bomb.", MiB, 0, GiB, " bytes"],
      entryBytesMax: ["Unpacked bytes of one entry.", 8 * GiB, KiB, 1_024 * GiB, " bytes"],
      totalBytesMax: ["Unpacked bytes of one import.", 64 * GiB, KiB, 1_024 * GiB, " bytes"],
      folderDepthMax: ["Folders inside folders of an import.", 32, 1, 1_000],
      conversationBytesMax: ["Bytes of one conversation; memory takes five times that.", 32 * MiB, KiB, GiB, " bytes"],
      conversationsMax: ["Conversations of one import.", 500_000, 1, 10_000_000],
      nodesMax: ["Nodes of one conversation's tree.", 200_000, 1, 10_000_000],
      treeDepthMax: ["Nodes from the root of a conversation's tree to its deepest leaf.", 100_000, 1, 10_000_000],
      jsonDepthMax: ["Brackets inside brackets of one conversation's JSON.", 1_000, 16, 5_000],
      jsonMarksMax: ["Brackets, quotes, colons and commas of one conversation's JSON.", 4_000_000, 1_000, 100_000_000],
      messageTextMax: ["Characters of text in one message.", 8 * MiB, KiB, 256 * MiB],
      indexBytesMax: ["Bytes of an export's own index file.", 16 * MiB, KiB, GiB, " bytes"]
    }))
  })

/** What is kept beside the log. */
const content = () =>
  Config.all({
    ...wholes({ bytesMax: ["Bytes of one kept file.", GiB, KiB, 64 * GiB, " bytes"] }),
    ...times({
      uploadIdleMax: ["A file that comes in and gets nothing for so long is given up.", "1 hour", "1 minute", "7 days"]
    })
  })

/** The audit of the log. */
const audit = () =>
  Config.all(times({
    headEvery: ["How often a tree head is signed while the log grows.", "1 minute", "1 second", "1 day"],
    togetherMax: [
      "How long the tree may trail the log unless somebody waits for it.",
      "500 millis",
      "0 millis",
      "10 seconds"
    ]
  }))

/** How processes carry out what they decided. */
const processes = () =>
  Config.all({
    ...wholes({
      inFlightMax: ["Commands one process may have under way.", 32, 1, 1_024],
      attemptsMax: ["How often a step is tried before it waits for an operator.", 12, 1, 1_000]
    }),
    ...times({
      askMax: ["How long a process waits for an answer before it asks again.", "20 seconds", "1 second", "10 minutes"],
      retryMax: ["The longest pause between two attempts.", "5 minutes", "1 second", "1 day"]
    })
  })

/** Several processes of one node on one database. */
const cluster = () =>
  Config.all({
    address: text("ADDRESS", /^$|^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/, {
      is:
        "Where this process's actors are reached by the node's other processes; set, it joins them. Empty: one process.",
      may: "empty, or host:port of a private address of this machine",
      else: ""
    }),
    public: one("PUBLIC", Config.boolean(), {
      is: "Take that address also if it is a public one: whoever reaches it can speak as any user.",
      may: "true or false",
      else: false
    }),
    ...times({
      takeOverMax: ["Silence after which others take a process's actors.", "9 seconds", "6 seconds", "5 minutes"]
    })
  })

export const NodeConfig = Config.all({
  node,
  cluster: group("CLUSTER", cluster),
  eventStore: group("EVENT_STORE", eventStore),
  actor: group("ACTOR", actor),
  view: group("VIEW", view),
  rebuild: group("REBUILD", rebuild),
  imports: group("IMPORT", imports),
  content: group("CONTENT", content),
  vault: group("VAULT", vault),
  audit: group("AUDIT", audit),
  process: group("PROCESS", processes),
  door: group("DOOR", door),
  identity: group("IDENTITY", identity),
  capability: group("CAPABILITY", capability),
  session: group("SESSION", session),
  limit: group("LIMIT", limit),
  providers: group("PROVIDERS", providers),
  provider: groups("PROVIDER", provider)
}).pipe(Config.nested("VIVIM"))

export type NodeConfig = Config.Config.Success<typeof NodeConfig>

/** One sentence for each switch that cannot be used: its name, its value, what is allowed. */
const sentences = (error: ConfigError.ConfigError): ReadonlyArray<string> => {
  if (error._op === "And") return [...sentences(error.left), ...sentences(error.right)]
  if (error._op === "Or") return sentences(error.right)
  const name = error.path.join("_")
  // The one place that reads the environment may also say what it read; secrets and addresses with passwords stay unsaid.
  const value = /_(URL|TOKEN|SECRET)$/.test(name) ? "set to something else" : `"${process.env[name] ?? ""}"`
  return [`${name} is ${value}, but it must be ${mayOf(name) ?? "something else"}.`]
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
