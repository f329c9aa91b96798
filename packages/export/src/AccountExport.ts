/**
 * Everything an account has kept, as one file that is made while it is taken.
 *
 * It holds every event, conversation and content of the account, and nothing of another. Its manifest comes last, so that a file that was
 * cut has none. Memory does not grow with what the account has said, only with the number of things. Shown on real nodes: test/e2e, moving.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import { ContentStore } from "@vivim/content-store/ContentStore"
import { accountFormat, type FileEntry, FileIdentity, linesOf, Manifest, places } from "@vivim/contract/AccountFile"
import { Account } from "@vivim/contract/User"
import { hex } from "@vivim/crypto/Bytes"
import * as Operation from "@vivim/crypto/did/Operation"
import type { PayloadCipher } from "@vivim/crypto/PayloadCipher"
import type { ContentHash, Did, DisplayName } from "@vivim/event-schemas/ids"
import { SessionEvents } from "@vivim/event-schemas/session/index"
import { EventStore } from "@vivim/event-store/EventStore"
import { sha256 } from "@vivim/import/MessageHash"
import * as Reference from "@vivim/projection/Reference"
import { Views } from "@vivim/projection/Views"
import type { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as IdentityView from "@vivim/user/IdentityView"
import * as UserView from "@vivim/user/UserView"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as ConversationMarkdown from "./ConversationMarkdown.ts"
import * as OwnConversations from "./OwnConversations.ts"
import * as OwnEvents from "./OwnEvents.ts"
import { readme } from "./Readme.ts"
import * as ZipFile from "./ZipFile.ts"

export type Ground = EventStore | PayloadCipher | ContentStore | SqlClient.SqlClient | UserDatabases | Views

const utf8 = new TextEncoder()
const json = (value: unknown): Uint8Array => utf8.encode(`${JSON.stringify(value, null, 2)}\n`)
const jsonLine = (value: unknown): Uint8Array => utf8.encode(`${JSON.stringify(value)}\n`)

/** What may go wrong while the file is made. */
interface Fault {
  readonly _tag: string
}
type Entry = ZipFile.Entry<Fault, Ground>

/** What is counted while the file is made. */
interface Counts {
  readonly found: OwnEvents.Found
  readonly hashes: Array<string>
  messages: number
  contents: number
  missing: number
}

/** The operations of the account's log, and every key they name that is here. */
const identityOf = Effect.fnUntraced(function*(userId: Did, { bio, displayName, handle }: Account) {
  const { operations } = yield* IdentityView.read(userId)
  const kems = new Set(operations.flatMap((bytes) => {
    const operation = Operation.decode(bytes)
    return operation === null ? [] : [...Operation.devicesOf(operation).values()].map(({ kem }) => hex(kem))
  }))
  const kemKeys = yield* Effect.forEach(kems, (kem) => IdentityView.kemKey(userId, kem as ContentHash))
  return Schema.encodeSync(FileIdentity)({
    format: "vivim-identity/1",
    did: userId,
    handle,
    displayName: displayName as DisplayName,
    bio,
    operations,
    kemKeys
  })
})

/** What was done with the account's sessions, as the node noted it. */
const security = (userId: Did, upTo: number) =>
  Stream.unwrap(
    Effect.map(EventStore, (eventStore) => eventStore.readAll(0, { filter: { stream: `session/${userId}` }, upTo }))
  )
    .pipe(
      Stream.mapEffect(({ at, position }) =>
        Effect.map(Reference.open(SessionEvents, position), (event) => jsonLine({ at, ...event }))
      )
    )

const conversations = (owner: Did, counts: Counts) =>
  Stream.unwrap(Effect.map(OwnConversations.ids(owner), Stream.fromIterable)).pipe(
    Stream.mapEffect((documentId) => OwnConversations.line(owner, documentId)),
    Stream.filter((line) => line !== null),
    Stream.map((line) => {
      counts.hashes.push(line.hash)
      counts.messages += line.messages.length
      return jsonLine(line)
    })
  )

const pages = (owner: Did) =>
  Stream.unwrap(Effect.map(OwnConversations.ids(owner), Stream.fromIterable)).pipe(
    Stream.mapEffect((documentId) => OwnConversations.shown(owner, documentId)),
    Stream.filter((shown) => shown !== null),
    Stream.map((shown) => {
      const page = utf8.encode(ConversationMarkdown.page(shown))
      return {
        name: ConversationMarkdown.nameOf(shown.summary),
        bytes: Stream.make(page),
        isPacked: page.length > PackedMax
      }
    })
  )

const contents = (owner: Did, counts: Counts) =>
  Stream.suspend(() => Stream.fromIterable(counts.found.contents)).pipe(
    Stream.mapEffect((hash) => Effect.flatMap(ContentStore, (store) => store.get(owner, hash))),
    Stream.filterMap((content) => {
      if (content === null) counts.missing++
      else counts.contents++
      return Option.fromNullable(content)
    }),
    Stream.map(({ bytes, ref }) => ({
      name: `${places.contents}${ref.hash}`,
      bytes,
      isPacked: grows.test(ref.mime) || ref.bytes > PackedMax
    }))
  )

/** What unpacks to more than a MiB lies as it is: packed very small it would be taken for a bomb where it is brought. */
const PackedMax = 1_024 * 1_024

/** Kinds that are packed as they are. */
const grows = /^(image\/(png|jpeg|gif|webp|avif)|audio\/|video\/|application\/(zip|gzip|pdf))/

const receipt = (owner: Did, hash: string | undefined) =>
  hash === undefined ? Effect.succeed(null) : Effect.gen(function*() {
    const found = yield* (yield* ContentStore).get(owner, hash)
    if (found === null) return null
    return JSON.parse(Buffer.concat([...yield* Stream.runCollect(found.bytes)]).toString("utf8")) as unknown
  })

const imports = (owner: Did, { found }: Counts) =>
  Stream.suspend(() => Stream.fromIterable(found.imports.values())).pipe(
    Stream.mapEffect((one) => Effect.map(receipt(owner, one.receipt?.hash), (receipt) => jsonLine({ ...one, receipt })))
  )

const single = (name: string, bytes: Uint8Array): ZipFile.Entry<never, never> => ({ name, bytes: Stream.make(bytes) })

const entriesOf = (
  userId: Did,
  account: Account,
  upTo: number,
  counts: Counts
): Stream.Stream<Entry, Fault, Ground> =>
  Stream.fromIterable<Entry>([
    single(places.readme, utf8.encode(readme)),
    single(places.account, json(Schema.encodeSync(Account)(account))),
    { name: places.events, bytes: OwnEvents.frames(userId, upTo, counts.found) },
    { name: places.conversations, bytes: conversations(userId, counts) },
    { name: places.imports, bytes: imports(userId, counts) },
    { name: places.security, bytes: security(userId, upTo) }
  ]).pipe(Stream.concat(pages(userId)), Stream.concat(contents(userId, counts)))

const manifestOf =
  (about: Pick<Manifest, "did" | "exportedAt" | "handle" | "upTo" | "writer">, counts: Counts) =>
  (entries: ReadonlyArray<FileEntry>): Manifest => {
    const { contents, found: { events, shredded }, hashes, messages, missing } = counts
    return {
      format: accountFormat,
      ...about,
      counts: { conversations: hashes.length, messages, events, shredded, contents, missing },
      content: sha256(hashes.toSorted().map((hash) => `${hash}\n`).join("")) as ContentHash,
      root: sha256(linesOf(entries)) as ContentHash,
      entries
    }
  }

/** What an account is exported as: its name, and the bytes as they are asked for. */
export const make = Effect.fn("AccountExport.make")(function*(userId: Did, writer: string) {
  const upTo = yield* Effect.flatMap(EventStore, ({ head }) => head)
  yield* Effect.flatMap(Views, (views) => views.waitFor(upTo, userId))
  const account = yield* UserView.account(userId)
  const exportedAt = yield* Clock.currentTimeMillis
  const identity = json(yield* identityOf(userId, account))
  const counts: Counts = { found: OwnEvents.nothingYet(), hashes: [], messages: 0, contents: 0, missing: 0 }
  const manifest = manifestOf({ writer, did: userId, handle: account.handle, exportedAt, upTo }, counts)
  return {
    name: `vivim-${account.handle}-${DateTime.formatIsoDateUtc(DateTime.unsafeMake(exportedAt))}.zip`,
    bytes: ZipFile.make({
      at: exportedAt,
      first: { name: places.identity, bytes: identity },
      entries: entriesOf(userId, account, upTo, counts),
      last: (entries) => Effect.succeed(single(places.manifest, json(Schema.encodeSync(Manifest)(manifest(entries)))))
    })
  }
})
