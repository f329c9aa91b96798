/**
 * A file an account left a node in, found among what is brought, and looked at before anything of it is taken in.
 *
 * V3  A file that was cut, changed, added to, or is of another account than it says is refused as a whole, with the reason; nothing of it comes in.
 * V4  What is looked at is bounded: names, sizes and sums are held against the manifest while the bytes go by.
 */
import { accountFormat, FileIdentity, linesOf, Manifest, places } from "@vivim/contract/AccountFile"
import * as IdentityLog from "@vivim/crypto/did/IdentityLog"
import * as Operation from "@vivim/crypto/did/Operation"
import * as NodeEd25519 from "@vivim/crypto/NodeEd25519"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import { EventFrames } from "./EventFrames.ts"
import type { ImportLimits } from "./ImportLimits.ts"
import { ImportRefused, type SourceFailed } from "./ImportRefused.ts"
import { sha256 } from "./MessageHash.ts"
import { type Entry, head, type Source } from "./Source.ts"

/** One export of an account: its manifest, and what lies in it by its name there. */
export interface VivimFile {
  /** What stands before the names, where it lies in a folder. */
  readonly prefix: string
  readonly at: Entry
  readonly manifest: Manifest
  readonly entries: ReadonlyMap<string, Entry>
  /** The same, also where two things in it have one name. */
  readonly all: ReadonlyArray<Entry>
}

const HINT = "Take the export anew, and bring the file as it is."
export const unsound = (reason: string) =>
  new ImportRefused({ reason: `This export of a VIVIM account is not sound: ${reason}.`, hint: HINT })

const decodeManifest = Schema.decodeUnknownOption(Schema.parseJson(Manifest))
const decodeIdentity = Schema.decodeUnknownOption(Schema.parseJson(FileIdentity))

/** The manifest in an entry; null where it is the page of another program. */
const manifestIn = (entry: Entry, limits: ImportLimits) =>
  Effect.flatMap(head(entry, limits.indexBytesMax + 1), (bytes) => {
    const text = new TextDecoder().decode(bytes)
    const format = /^\s*\{\s*"format"\s*:\s*"(vivim-account\/[0-9]{1,9})"/.exec(text)?.[1]
    if (format === undefined) return Effect.succeed(null)
    if (format !== accountFormat) return unsound(`it is ${format}, and this build reads ${accountFormat}`)
    if (bytes.length > limits.indexBytesMax) {
      return unsound(`its manifest is over indexBytesMax (${limits.indexBytesMax})`)
    }
    const manifest = decodeManifest(text)
    return Option.isSome(manifest) ? Effect.succeed(manifest.value) : unsound("its manifest cannot be read")
  })

/** Every export of an account in the source. */
export const find = Effect.fn("VivimFile.find")(function*(source: Source, limits: ImportLimits) {
  const files: Array<VivimFile> = []
  for (
    const at of source.entries.filter(({ name }) => name === places.manifest || name.endsWith(`/${places.manifest}`))
  ) {
    const manifest = yield* manifestIn(at, limits)
    if (manifest === null) continue
    const prefix = at.name.slice(0, -places.manifest.length)
    const inside = source.entries.filter((entry) =>
      entry !== at && entry.name.startsWith(prefix) && entry.pack === at.pack
    )
    const entries = new Map(inside.map((entry) => [entry.name.slice(prefix.length), entry]))
    files.push({ prefix, at, manifest, entries, all: inside })
  }
  return files
})

/** Names and sums as the manifest has them: nothing more, nothing less. */
const listed = ({ all, entries, manifest }: VivimFile, source: Source) => {
  const names = new Set(manifest.entries.map(({ name }) => name))
  const [leftOut] = source.kind === "zip" ? source.leftOut : []
  if (leftOut !== undefined) return `${leftOut.name} ${leftOut.reason}`
  if (entries.size < all.length || names.size < manifest.entries.length) return "two things in it have one name"
  if (sha256(linesOf(manifest.entries)) !== manifest.root) return "its manifest is not what its own sum says"
  const added = [...entries.keys()].find((name) => !names.has(name))
  if (added !== undefined) return `its manifest does not name ${added}`
  const missing = [places.identity, places.conversations, places.events, ...names].find((name) => !entries.has(name))
  return missing === undefined ? null : `${missing} is missing`
}

/** What else is looked at while an entry goes by: told each piece, and asked at the end what is wrong. */
interface Look {
  readonly push: (chunk: Uint8Array) => string | null
  readonly end: () => string | null
}

/** The account proves that it is who the manifest says it is. */
const identityLook = ({ did }: Manifest, { indexBytesMax }: ImportLimits): Look => {
  const parts: Array<Uint8Array> = []
  let length = 0
  return {
    push: (chunk) => {
      parts.push(chunk)
      length += chunk.length
      return length > indexBytesMax ? `its identity is over indexBytesMax (${indexBytesMax})` : null
    },
    end: () => {
      const identity = Option.getOrNull(decodeIdentity(Buffer.concat(parts).toString("utf8")))
      if (identity === null || identity.did !== did) return "its identity is not that of its manifest"
      if (!Operation.isDidVivim(did)) return null
      const { log, verdicts } = IdentityLog.fold(did, identity.operations, { verify: NodeEd25519.verify })
      const isWhole = log !== null && verdicts.every(({ _tag }) => _tag === "Accepted")
      return isWhole ? null : "its log does not prove its account"
    }
  }
}

const eventsLook = ({ counts, did }: Manifest, { conversationBytesMax }: ImportLimits): Look => {
  const frames = new EventFrames(did, conversationBytesMax)
  return {
    push: (chunk) => frames.push(chunk),
    end: () =>
      frames.end() ?? (frames.count === counts.events ? null : "it holds another number of events than it says")
  }
}

const nothingElse: Look = { push: () => null, end: () => null }

const lookAt = (name: string, file: VivimFile, limits: ImportLimits): Look =>
  name === places.identity
    ? identityLook(file.manifest, limits)
    : name === places.events
    ? eventsLook(file.manifest, limits)
    : nothingElse

/** One entry, unpacked and held against what was said of it. */
const sound = Effect.fnUntraced(function*(file: VivimFile, said: Manifest["entries"][number], limits: ImportLimits) {
  const { bytes: size, name, sha256: sum } = said
  const look = lookAt(name, file, limits)
  const digest = createHash("sha256")
  let taken = 0
  yield* file.entries.get(name)!.bytes.pipe(
    Stream.runForEach((chunk) => {
      digest.update(chunk)
      taken += chunk.length
      const flaw = taken > size ? `${name} is larger than its manifest says` : look.push(chunk)
      return flaw === null ? Effect.void : unsound(flaw)
    }),
    Effect.catchTag("EntryBroken", ({ name, reason }) => unsound(`${name} ${reason}`))
  )
  if (taken < size || digest.digest("hex") !== sum) return yield* unsound(`${name} is not what its manifest says`)
  const flaw = look.end()
  if (flaw !== null) return yield* unsound(flaw)
})

/** Looks at all of a file; what is wrong with it is the refusal. */
export const check = (
  file: VivimFile,
  source: Source,
  limits: ImportLimits
): Effect.Effect<void, ImportRefused | SourceFailed> =>
  Effect.suspend(() => {
    const flaw = listed(file, source)
    return flaw === null
      ? Effect.forEach(file.manifest.entries, (said) => sound(file, said, limits), { discard: true })
      : unsound(flaw)
  })
