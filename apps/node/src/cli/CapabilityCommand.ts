/** `vivim capability`: what you let others do with a conversation, for local accounts, whose keys lie beside the node. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { VivimClient } from "@vivim/client/VivimClient"
import type { Capability } from "@vivim/contract/Capability"
import * as Delegation from "@vivim/crypto/capability/Delegation"
import * as Env from "@vivim/crypto/capability/Env"
import * as Network from "@vivim/crypto/capability/Network"
import * as Token from "@vivim/crypto/capability/Token"
import * as CommandIds from "@vivim/crypto/CommandIds"
import { Cid, Did, DocumentId } from "@vivim/event-schemas/ids"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { randomBytes } from "node:crypto"
import * as AccountKey from "../AccountKey.ts"
import { folders } from "../Folders.ts"
import { print, printJson, refused } from "./Ended.ts"
import { settings, withNode } from "./NodeConnection.ts"
import { actAs, json } from "./Switches.ts"

const conversation = Args.text({ name: "conversation" }).pipe(
  Args.withDescription("The id of the conversation, as `vivim search` shows it")
)
const to = Options.text("to").pipe(Options.withDescription("To whom: a DID, or the handle of an account of this node"))
const right = Options.choice("right", ["relay", "read", "remix", "write", "share", "admin"]).pipe(
  Options.withDescription("What it lets its holder do; who may share may pass it on"),
  Options.withDefault("read" as const)
)
const lasts = Options.text("for").pipe(
  Options.withDescription("How long it lasts, such as \"7 days\", a year at most"),
  Options.withDefault("7 days")
)
const uses = Options.integer("uses").pipe(Options.withDescription("How often it may be used"), Options.optional)
const from = Options.text("from").pipe(
  Options.withDescription("Only from this network, such as 203.0.113.0/24; may be said again"),
  Options.repeated
)
const label = Options.text("label").pipe(
  Options.withDescription("What it is for, for yourself"),
  Options.withDefault("")
)

const day = (millis: number) => DateTime.formatIso(DateTime.unsafeMake(millis))
const idOf = <A, I>(schema: Schema.Schema<A, I>, given: unknown, what: string) =>
  Effect.mapError(Schema.decodeUnknown(schema)(given), () => refused(`"${given}" is not ${what}.`))

/** The account's own key signs, here, beside the node. */
const signerOf = (handle: Option.Option<string>) =>
  Effect.flatMap(settings, ({ node }) => {
    const who = Option.getOrElse(handle, () => node.handle)
    const key = AccountKey.open(folders(node.dataDir, node.keysDir), who)
    return key === null
      ? Effect.fail(refused(`The key of "${who}" is not on this machine: capabilities are signed where the key is.`))
      : Effect.succeed(key)
  })

const audienceOf = (given: string) =>
  given.startsWith("did:")
    ? idOf(Did, given, "a DID")
    : Effect.gen(function*() {
      const node = yield* VivimClient
      const users = Option.getOrElse(yield* Stream.runHead(node.WatchUsers({})), () => [])
      const found = users.find(({ handle }) => handle === given)
      return found === undefined
        ? yield* refused(`There is no account "${given}" on this node: give a DID.`)
        : found.userId
    })

const secondsOf = (given: string) =>
  Effect.mapError(
    Effect.try(() => Math.floor(Duration.toSeconds(Duration.decode(given as Duration.DurationInput)))),
    () => refused(`--for takes a duration such as "7 days", not "${given}".`)
  )

const networksOf = (given: ReadonlyArray<string>) =>
  Effect.forEach(given, (one) => {
    const network = Network.write(one)
    return network === null
      ? Effect.fail(refused(`"${one}" is not a network such as 203.0.113.0/24.`))
      : Effect.succeed(network)
  })

const mint = Command.make(
  "mint",
  { conversation, to, right, lasts, uses, from, label, actAs, json },
  (given) =>
    withNode(Option.getOrUndefined(given.actAs), () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const documentId = yield* idOf(DocumentId, given.conversation, "the id of a conversation")
        const { did, sign } = yield* signerOf(given.actAs)
        const { epoch } = yield* node.ReadEpoch({ documentId })
        const [network, ...more] = yield* networksOf(given.from)
        const expires = Math.floor((yield* Clock.currentTimeMillis) / 1_000) + (yield* secondsOf(given.lasts))
        const signed = Delegation.mint(`document/${documentId}`, {
          audience: yield* audienceOf(given.to),
          command: `/content/${given.right}`,
          expires,
          statements: network === undefined ? [] : [Env.allowedIps([network, ...more])],
          bounds: { epoch, ...Option.isNone(given.uses) ? {} : { max: given.uses.value } }
        }, { issuer: did, sign, nonce: randomBytes(16) })
        const chain = Token.write([signed])
        yield* node.MintCapability({ commandId: yield* CommandIds.next, chain, label: given.label }).pipe(
          Effect.catchTag("NotDelegable", ({ message }) => refused(`The node does not record it: ${message}.`))
        )
        const { cid } = Delegation.read(signed)!
        yield* given.json ? printJson({ cid, chain, expiresAt: expires * 1_000 }) : print(chain)
      }))
).pipe(Command.withDescription("Let somebody do something with a conversation: prints what to hand over"))

const state = ({ current, expiresAt, revokedAt }: Capability, now: number) =>
  revokedAt !== null ? "taken back" : !current ? "taken back with all" : expiresAt <= now ? "ended" : "open"

const line = (one: Capability, now: number) =>
  `${one.cid}  ${state(one, now)}\n  ${one.right} on ${one.resource} for ${one.audience}${
    one.label === "" ? "" : `  (${one.label})`
  }\n  until ${day(one.expiresAt)}, used ${one.uses}${one.usesMax === null ? "" : ` of ${one.usesMax}`} times${
    one.lastUsedAt === null ? "" : `, last ${day(one.lastUsedAt)}`
  }`

const list = Command.make(
  "list",
  { actAs, json },
  (given) =>
    withNode(Option.getOrUndefined(given.actAs), () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const all = Option.getOrElse(yield* Stream.runHead(node.WatchCapabilities({})), () => [])
        const now = yield* Clock.currentTimeMillis
        yield* given.json
          ? printJson(all)
          : print(all.length === 0 ? "You let nobody do anything." : all.map((one) => line(one, now)).join("\n"))
      }))
).pipe(Command.withDescription("What you let others do, and how often it was used"))

const capability = Args.text({ name: "capability" }).pipe(
  Args.withDescription("The id of the capability, as `vivim capability list` shows it")
)

const revoke = Command.make(
  "revoke",
  { capability, actAs, json },
  (given) =>
    withNode(Option.getOrUndefined(given.actAs), () =>
      Effect.gen(function*() {
        const node = yield* VivimClient
        const cid = yield* idOf(Cid, given.capability, "the id of a capability")
        const receipt = yield* node.RevokeCapability({ commandId: yield* CommandIds.next, cid }).pipe(
          Effect.catchTag("NothingToChange", () => refused(`${cid} was taken back before.`))
        )
        yield* given.json ? printJson(receipt) : print(`${cid} opens nothing any more, nor does what hangs on it.`)
      }))
).pipe(Command.withDescription("Take a capability back; what was read stays read"))

export const capabilityCommand = Command.make("capability").pipe(
  Command.withDescription("What you let others do with a conversation"),
  Command.withSubcommands([mint, list, revoke])
)
