/** The nouns. An id is part of what is stored forever, so it lives with the events. */
import * as Schema from "effect/Schema"

/** In generated tests there are few of each kind, so that strangers meet. */
const few = (...names: ReadonlyArray<string>) => ({ arbitrary: () => (fc: any) => fc.constantFrom(...names) })

/** What no store may be handed: NUL, and half of a surrogate pair, which UTF-8 cannot say. */
const unkeepable = /[\0\p{Surrogate}]/u

/** Text that every store gives back as it was: without NUL and without half characters. */
export const Text = Schema.String.pipe(
  Schema.filter((text) => !unkeepable.test(text), {
    identifier: "Text",
    jsonSchema: { pattern: "^[^\\u0000\\p{Surrogate}]*$" },
    message: () => "text without NUL and without half characters"
  })
)

/** `did:<method>:<id>`: whose something is. Bounded, and free of path and control characters. Source: W3C DID Core, 3.1. */
export const Did = Schema.String.pipe(
  Schema.pattern(/^did:[a-z0-9]{1,16}:[A-Za-z0-9._:%-]{1,200}$/),
  Schema.annotations({
    ...few("did:key:zAda", "did:key:zBo", "did:vivim:meqauy67tfym2svf33a6tw2725mcg34i7rxrnk2r"),
    identifier: "Did"
  }),
  Schema.brand("Did")
)
export type Did = typeof Did.Type

const id = <const Brand extends string>(brand: Brand, ...names: ReadonlyArray<string>) =>
  Schema.String.pipe(
    Schema.pattern(/^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/),
    Schema.annotations({ ...few(...names), identifier: brand }),
    Schema.brand(brand)
  )

/** A circle of people. */
export const CircleId = id("CircleId", "lanterns", "tea", "chess")
export type CircleId = typeof CircleId.Type

/** A conversation, and later any other document. */
export const DocumentId = id("DocumentId", "d1", "d2", "d3")
export type DocumentId = typeof DocumentId.Type

/** A device of a user, or a session that stands for one. */
export const DeviceId = id("DeviceId", "phone", "laptop", "tablet")
export type DeviceId = typeof DeviceId.Type

/** Another node. */
export const PeerId = id("PeerId", "peer1", "peer2", "peer3")
export type PeerId = typeof PeerId.Type

/** One import of one file. */
export const ImportId = id("ImportId", "import1", "import2")
export type ImportId = typeof ImportId.Type

/** A view of this node, by its name. */
export const ViewName = Schema.String.pipe(
  Schema.pattern(/^[a-z][a-z0-9-]{0,31}$/),
  Schema.annotations({ ...few("library", "circles"), identifier: "ViewName" }),
  Schema.brand("ViewName")
)
export type ViewName = typeof ViewName.Type

/** A process of this node (what follows from events by itself), by its name. */
export const ProcessName = Schema.String.pipe(
  Schema.pattern(/^[a-z][a-z0-9-]{0,31}$/),
  Schema.annotations({ ...few("trash", "sharing"), identifier: "ProcessName" }),
  Schema.brand("ProcessName")
)
export type ProcessName = typeof ProcessName.Type

/** The node itself, where it decides for no user; until nodes have an identity of their own it goes by this one. */
export const nodeItself = Did.make("did:web:node")

/** A stream of the log: the kind of actor, and its id. */
export const StreamName = Schema.String.pipe(
  Schema.pattern(/^[a-z][a-z0-9-]{0,31}\/[^\0\s]{1,256}$/),
  Schema.annotations({ ...few("document/d1", "circle/c1"), identifier: "StreamName" }),
  Schema.brand("StreamName")
)
export type StreamName = typeof StreamName.Type

/** Where an event lies in this node's log, counted from 1. */
export const Position = Schema.Int.pipe(
  Schema.positive(),
  Schema.annotations({ identifier: "Position", arbitrary: () => (fc: any) => fc.integer({ min: 1, max: 4 }) })
)
export type Position = typeof Position.Type

/** A message inside its conversation: the provider's own node id, so never unique across conversations. */
export const MessageId = Text.pipe(
  Schema.minLength(1),
  Schema.maxLength(256),
  Schema.annotations({ ...few("m1", "m2", "m3", "m4"), identifier: "MessageId" }),
  Schema.brand("MessageId")
)
export type MessageId = typeof MessageId.Type

/** UUIDv7 (RFC 9562, 5.7), lower case. The id of a command is the id of the first event it leaves. */
export const CommandId = Schema.String.pipe(
  Schema.pattern(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  Schema.annotations({
    identifier: "CommandId",
    arbitrary: () => (fc: any) => fc.uuid({ version: 7 })
  }),
  Schema.brand("CommandId")
)
export type CommandId = typeof CommandId.Type

/** SHA-256 of content, in lower-case hexadecimal. */
export const ContentHash = Schema.String.pipe(
  Schema.pattern(/^[0-9a-f]{64}$/),
  Schema.annotations({
    identifier: "ContentHash",
    arbitrary: () => (fc: any) => fc.constantFrom("a".repeat(64), "b".repeat(64), "c".repeat(64))
  }),
  Schema.brand("ContentHash")
)
export type ContentHash = typeof ContentHash.Type

/** The address of signed bytes: a CIDv1 of dag-cbor under SHA-256, in base32. Source: IPLD CID specification. */
export const Cid = Schema.String.pipe(
  Schema.pattern(/^bafyrei[a-z2-7]{52}$/),
  Schema.annotations({ ...few(...["a", "b", "c"].map((letter) => `bafyrei${letter.repeat(52)}`)), identifier: "Cid" }),
  Schema.brand("Cid")
)
export type Cid = typeof Cid.Type

/** Milliseconds since 1970-01-01T00:00Z. */
export const Millis = Schema.Int.pipe(Schema.nonNegative(), Schema.annotations({ identifier: "Millis" }))
export type Millis = typeof Millis.Type

/** The name people know a user by on this node: lower case, starts with a letter. */
export const Handle = Schema.String.pipe(
  Schema.pattern(/^[a-z][a-z0-9._-]{0,38}[a-z0-9]$|^[a-z]$/),
  Schema.annotations({ ...few("ada", "bo", "cy"), identifier: "Handle" }),
  Schema.brand("Handle")
)
export type Handle = typeof Handle.Type

/** Where a node listens: a URL or a multiaddress, printable ASCII without spaces. */
export const NodeAddress = Schema.String.pipe(
  Schema.pattern(/^[\x21-\x7e]{1,512}$/),
  Schema.annotations({ ...few("https://one.example", "/ip4/192.0.2.1/tcp/4101"), identifier: "NodeAddress" })
)

/** A name as a person writes it: not blank, one line. */
const line = <const Brand extends string>(brand: Brand, max: number, ...names: ReadonlyArray<string>) =>
  Schema.String.pipe(
    Schema.pattern(/^(?=.*\S)[^\p{Cc}\p{Zl}\p{Zp}\p{Surrogate}]*$/u),
    Schema.maxLength(max),
    Schema.annotations({ ...few(...names), identifier: brand }),
    Schema.brand(brand)
  )

export const DisplayName = line("DisplayName", 128, "Ada", "Bo", "Cy")
export type DisplayName = typeof DisplayName.Type

export const CircleName = line("CircleName", 128, "Lanterns", "Tea")
export type CircleName = typeof CircleName.Type

export const Title = line("Title", 512, "On tea", "Chess", "Kyoto")
export type Title = typeof Title.Type

export const Tag = line("Tag", 64, "work", "home", "tea")
export type Tag = typeof Tag.Type
