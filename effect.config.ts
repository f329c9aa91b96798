/**
 * Every switch of a VIVIM node, on one page: its name, what it is, what it may be, what it is unless set.
 * Nothing else in the house reads the environment; `infra/.env.example` is this page, printed.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import {
  allowed,
  buckets,
  GiB,
  group,
  KiB,
  MiB,
  one,
  sharedFolder,
  text,
  times,
  whole,
  wholes
} from "./infra/SwitchKinds.ts"

type SignUp = "open" | "token" | "closed"
type LogLevel = "debug" | "info" | "warning" | "error" | "none"

/** Where the node is, and what it stands on. */
const node = Config.all({
  port: whole("PORT", "The port of every door: web, RPC and REST.", 4100, [1, 65_535]),
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
      connections: ["Connections to the database for reading and for views.", 8, 1, 100]
    }),
    ...times({
      awayMax: ["How long an append waits for a database that is away.", "5 seconds", "100 millis", "10 minutes"]
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

/** Users' own keys, while they are here. */
const vault = () =>
  Config.all(times({
    idleMax: ["A vault nobody used for so long is locked.", "30 minutes", "1 second", "7 days"],
    vacuumEvery: ["How long a destroyed key may lie in a dead row.", "1 minute", "1 second", "7 days"]
  }))

/** The audit of the log. */
const audit = () =>
  Config.all(times({
    headEvery: ["How often a tree head is signed while the log grows.", "1 minute", "1 second", "1 day"]
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

/** What the doors take. */
const door = () =>
  Config.all({
    ...wholes({
      proxies: ["Proxies of your own before the node: so many entries of X-Forwarded-For are believed.", 0, 0, 8],
      bodyBytesMax: ["Bytes of one REST request, uploads aside.", 16 * MiB, KiB, 256 * MiB, " bytes"]
    }),
    origins: text("ORIGINS", /^$|^https?:\/\/[^\s,]+(,https?:\/\/[^\s,]+)*$/, {
      is: "Pages of other origins that may use the node (CORS); unless named here, none may.",
      may: "empty, or origins parted by commas, such as https://app.example",
      else: ""
    }),
    ...times({ heardOutMax: ["How long a refused upload may go on talking.", "30 seconds", "0 seconds", "10 minutes"] })
  })

/** Accounts with an identity of their own, and DIDs of others. */
const identity = () =>
  Config.all({
    ...times({
      skewMax: ["How far the time of a signed operation may be from the node's.", "5 minutes", "1 second", "1 hour"],
      claimMax: [
        "How long a handle is held for an account that is about to be opened.",
        "1 hour",
        "1 minute",
        "7 days"
      ],
      rememberedMax: ["How long what a DID resolves to is remembered.", "10 minutes", "1 second", "1 day"],
      refusedMax: ["How long it is remembered that a DID does not resolve.", "1 minute", "1 second", "1 day"],
      fetchMax: ["How long another node may take to show its DID document.", "10 seconds", "100 millis", "1 minute"]
    }),
    ...wholes({
      forksMax: ["Second successors of operations kept as evidence, of one account.", 16, 1, 1_000],
      resolvedMax: ["DIDs whose documents are remembered.", 10_000, 1, 1_000_000],
      documentBytesMax: ["Bytes of another node's DID document.", 256 * KiB, KiB, 16 * MiB, " bytes"]
    })
  })

/** Capabilities: what others may do with what is theirs who let them. */
const capability = () =>
  Config.all({
    ...wholes({
      textMax: ["Characters of a chain of capabilities, and of one use of it.", 16 * KiB, KiB, 64 * KiB],
      stepsMax: ["Steps of the policy language for one use.", 10_000, 100, 1_000_000],
      rememberedMax: ["Chains of capabilities whose signatures are remembered.", 4_096, 1, 1_000_000]
    }),
    ...times({ useLifeMax: ["How long before its end a use may be signed.", "60 seconds", "1 second", "2 minutes"] })
  })

/** Sessions and the tokens that carry them. */
const session = () =>
  Config.all(times({
    accessMax: ["How long an access token lasts.", "10 minutes", "10 seconds", "10 minutes"],
    idleMax: ["A session that is not refreshed for so long is over.", "30 days", "1 minute", "365 days"],
    lifeMax: ["How long a session lasts in any case.", "180 days", "1 minute", "1000 days"],
    challengeMax: ["How long a challenge can be answered.", "60 seconds", "1 second", "60 seconds"],
    proofMax: ["How old a proof of a client's key may be.", "60 seconds", "1 second", "5 minutes"],
    graceMax: ["How long a client may ask again for the same refresh.", "10 seconds", "0 seconds", "1 minute"],
    freshMax: ["How long a session is believed without another look.", "30 seconds", "0 seconds", "5 minutes"],
    stepUpMax: ["How long who showed themselves may do what cannot be undone.", "10 minutes", "1 second", "1 hour"]
  }))

/** How much one account, device or network may ask for. */
const limit = () =>
  buckets({
    challenge: ["Challenges to one network", 30, 6],
    token: ["Tries to show who one is", 30, 6],
    refresh: ["Refreshes of one session, or from one network", 60, 30],
    signUp: ["Accounts opened from one network", 5, 1],
    import: ["Files of one account handed over for import", 60, 10],
    search: ["Searches of one account", 300, 300],
    default: ["Other calls of one account, device or network", 3_000, 1_200]
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
  imports: group("IMPORT", imports),
  content: group("CONTENT", content),
  vault: group("VAULT", vault),
  audit: group("AUDIT", audit),
  process: group("PROCESS", processes),
  door: group("DOOR", door),
  identity: group("IDENTITY", identity),
  capability: group("CAPABILITY", capability),
  session: group("SESSION", session),
  limit: group("LIMIT", limit)
}).pipe(Config.nested("VIVIM"))

export type NodeConfig = Config.Config.Success<typeof NodeConfig>

/** One sentence for each switch that cannot be used: its name, its value, what is allowed. */
const sentences = (error: ConfigError.ConfigError): ReadonlyArray<string> => {
  if (error._op === "And") return [...sentences(error.left), ...sentences(error.right)]
  if (error._op === "Or") return sentences(error.right)
  const name = error.path.join("_")
  // The one place that reads the environment may also say what it read; secrets and addresses with passwords stay unsaid.
  const value = /_(URL|TOKEN|SECRET)$/.test(name) ? "set to something else" : `"${process.env[name] ?? ""}"`
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
