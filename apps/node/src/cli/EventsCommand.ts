/** `vivim events`: the node's event history, filtered, and followed. */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import { VivimClient } from "@vivim/client/VivimClient"
import type { EventRecord } from "@vivim/contract/Operator"
import type { Did } from "@vivim/event-schemas/ids"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { print, printJson, refused } from "./Ended.ts"
import { withNode } from "./NodeConnection.ts"
import { json } from "./Switches.ts"

const text = (name: string, description: string) =>
  Options.text(name).pipe(Options.withDescription(description), Options.optional)
const number = (name: string, description: string) =>
  Options.integer(name).pipe(Options.withDescription(description), Options.optional)

const options = {
  stream: text("stream", "Only this stream, such as document/c-1f…"),
  category: text("category", "Only streams of this kind: user, circle, document, peer, import"),
  owner: text("owner", "Only events of this account's data (a DID)"),
  type: Options.text("type").pipe(
    Options.withDescription("Only this type, such as circle.MemberAdded or circle.*; may be given again"),
    Options.repeated
  ),
  since: text("since", "Only events at or after this time (ISO 8601)"),
  until: text("until", "Only events at or before this time (ISO 8601)"),
  after: number("after", "Only events after this position"),
  upTo: number("up-to", "Only events up to this position"),
  limit: number("limit", "Events at most"),
  follow: Options.boolean("follow").pipe(Options.withAlias("f"), Options.withDescription("Go on with what comes")),
  json
}

const time = (name: string, given: Option.Option<string>) =>
  Option.match(given, {
    onNone: () => Effect.succeed(undefined),
    onSome: (text) => {
      const parsed = DateTime.make(text)
      return Option.isNone(parsed)
        ? refused(`--${name} is "${text}", which is no time: write it like 2026-11-20T10:00:00Z.`)
        : Effect.succeed(DateTime.toEpochMillis(parsed.value))
    }
  })

const iso = (millis: number) => DateTime.formatIso(DateTime.unsafeMake(millis))

const line = ({ at, position, sealedBytes, stream, type, version }: EventRecord) =>
  `${String(position).padStart(8)}  ${iso(at)}  ${stream}@${version}  ${type}  +${sealedBytes} B sealed`

/** Only what was given: an absent option must not travel as a filter. */
const present = <A extends object>(given: A) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))

export const eventsCommand = Command.make("events", options, (given) =>
  Effect.gen(function*() {
    const [since, until] = [yield* time("since", given.since), yield* time("until", given.until)]
    yield* withNode(undefined, () =>
      Effect.flatMap(VivimClient, (node) =>
        node.ReadEvents(present({
          stream: Option.getOrUndefined(given.stream),
          category: Option.getOrUndefined(given.category),
          owner: Option.getOrUndefined(given.owner) as Did | undefined,
          types: given.type.length === 0 ? undefined : given.type,
          since,
          until,
          after: Option.getOrUndefined(given.after),
          upTo: Option.getOrUndefined(given.upTo),
          limit: Option.getOrUndefined(given.limit),
          follow: given.follow ? true : undefined
        })).pipe(
          Stream.flattenIterables,
          Stream.runForEach((event) => given.json ? printJson(event) : print(line(event)))
        )))
  })).pipe(Command.withDescription("Print the event history"))
