/** An example of an export of a VIVIM account, made by hand for tests: sound, or with anything in it another. */
import {
  accountFormat,
  contentOf,
  conversationFormat,
  type FileConversation,
  FileIdentity,
  linesOf,
  Manifest,
  places
} from "@vivim/contract/AccountFile"
import { type FileEvent, frame } from "@vivim/contract/EventFrames"
import { genesis, holder, next } from "@vivim/crypto/did/LogExample"
import * as Operation from "@vivim/crypto/did/Operation"
import type { ContentRef } from "@vivim/event-schemas/document/Message"
import { ContentHash, Did, DisplayName, DocumentId, Handle, MessageId, Millis, Tag } from "@vivim/event-schemas/ids"
import * as Schema from "effect/Schema"
import { hashed, sha256 } from "./MessageHash.ts"

const key = new Uint8Array(1_216)
const [kit, phone] = [holder("kit"), { ...holder("phone"), kem: Operation.hashOf(key) }]
const { bytes: first, did } = genesis([kit], phone, 1_000)
const second = next(first, phone, 2_000, {})
const stranger = genesis([holder("another kit")], phone, 1_000)

const utf8 = new TextEncoder()
const picture = utf8.encode("a picture of a teapot")
export const pictureRef: ContentRef = {
  hash: ContentHash.make(sha256(picture)),
  bytes: picture.length,
  mime: "text/plain"
}

/** How one conversation differs from another. */
interface Wanted {
  readonly turns?: number
  readonly trash?: FileConversation["trash"]
}

/** A conversation as a node writes it; its hash is that of what it says. */
export const conversation = (id: string, { trash = null, turns = 2 }: Wanted = {}): FileConversation => {
  const message = (name: string, parent: string | null, text: string, content: ContentRef | null = null) =>
    hashed({
      id: MessageId.make(name),
      parent: parent === null ? null : MessageId.make(parent),
      role: "user",
      author: null,
      model: null,
      at: Millis.make(5),
      hidden: null,
      blocks: [
        { _tag: "Text", text, citations: [] },
        ...content === null ? [] : [{ _tag: "Image", source: "x", name: null, alt: null, content } as const]
      ]
    })
  const said: Omit<FileConversation, "format" | "hash"> = {
    documentId: DocumentId.make(`c-${id}`),
    provider: "chatgpt",
    sourceId: id,
    title: "Mine",
    sourceTitle: "Theirs",
    model: "m",
    project: null,
    createdAt: Millis.make(1),
    updatedAt: Millis.make(5),
    sortedAt: Millis.make(5),
    leaf: MessageId.make("m1"),
    starred: true,
    archived: false,
    tags: [Tag.make("tea"), Tag.make("work")],
    trash,
    deleted: [MessageId.make("gone")],
    warnings: ["a picture is missing"],
    imported: { head: "[]", updatedAt: Millis.make(5), starred: true, archived: false },
    raws: [],
    messages: Array.from(
      { length: turns },
      (_, at) => message(`m${at}`, at === 0 ? null : `m${at - 1}`, `Turn ${at} of ${id}`, at === 1 ? pictureRef : null)
    )
  }
  return { format: conversationFormat, hash: ContentHash.make(sha256(contentOf(said))), ...said }
}

export const event = (position: number, over: Partial<FileEvent> = {}): FileEvent => ({
  position,
  stream: "document/c-1",
  version: position,
  id: `e-${position}`,
  type: "document.ConversationStarted",
  schemaVersion: 1,
  owner: did,
  at: 1,
  meta: key.subarray(0, 3),
  routing: key.subarray(0, 3),
  private: null,
  hash: key.subarray(0, 32),
  previousHash: key.subarray(0, 32),
  ...over
})

export const frames = (...events: ReadonlyArray<FileEvent>): Uint8Array => Buffer.concat(events.map(frame))
export const lines = (...values: ReadonlyArray<unknown>): Uint8Array =>
  utf8.encode(values.map((value) => `${JSON.stringify(value)}\n`).join(""))

const identityOf = (of: Did, operations: ReadonlyArray<Uint8Array>) =>
  utf8.encode(JSON.stringify(
    Schema.encodeSync(FileIdentity)({
      format: "vivim-identity/1",
      did: of,
      handle: Handle.make("ada"),
      displayName: DisplayName.make("Ada"),
      bio: "",
      operations,
      kemKeys: [key]
    })
  ))

const changed = (bytes: Uint8Array) => bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1)

/** Identities of all kinds: the account's own, and what is none. */
export const identities = {
  own: identityOf(did, [first, second]),
  stranger: identityOf(stranger.did, [stranger.bytes]),
  anothersLog: identityOf(did, [stranger.bytes]),
  tampered: identityOf(did, [first, changed(second)]),
  rootless: identityOf(did, [second]),
  none: identityOf(did, [])
}

export type Entries = Readonly<Record<string, Uint8Array>>

export const entries: Entries = {
  [places.identity]: identities.own,
  [places.account]: utf8.encode("{}"),
  [places.events]: frames(event(3), event(7)),
  [places.conversations]: lines(conversation("one"), conversation("two")),
  [`${places.markdown}one.md`]: utf8.encode("# One\n\n## You\n\nHello\n\n## Assistant\n\nHello"),
  [`${places.contents}${pictureRef.hash}`]: picture
}

/** What a manifest says of these entries. */
export const manifestOf = (all: Entries, over: Partial<Manifest> = {}): Manifest => {
  const said = Object.entries(all).map(([name, bytes]) => ({
    name,
    bytes: bytes.length,
    sha256: ContentHash.make(sha256(bytes))
  }))
  return {
    format: accountFormat,
    writer: "a test",
    did,
    handle: Handle.make("ada"),
    exportedAt: Millis.make(1),
    upTo: 7,
    counts: { conversations: 2, messages: 4, events: 2, shredded: 0, contents: 1, missing: 0 },
    entries: said,
    root: ContentHash.make(sha256(linesOf(said))),
    content: ContentHash.make("0".repeat(64)),
    ...over
  }
}

export const manifestBytes = (manifest: unknown): Uint8Array => utf8.encode(JSON.stringify(manifest, null, 2))

/** With a manifest that vouches for them, or for what it is told to. */
export const vouched = (all: Entries, over: Partial<Manifest> = {}): Entries => ({
  ...all,
  [places.manifest]: manifestBytes(Schema.encodeSync(Manifest)(manifestOf(all, over)))
})
