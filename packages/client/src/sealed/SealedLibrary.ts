/** Which conversations of an account are sealed and which are not, wherever they lie: in the library, archived, in the trash. */
import type { LibraryPage } from "@vivim/contract/Library"
import type { ImportId } from "@vivim/event-schemas/ids"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Calls } from "../VivimClient.ts"

export type LibraryCalls = Pick<Calls, "WatchLibrary">
export type Summary = LibraryPage["items"][number]

/** What the node calls where a sealed conversation comes from: it knows nothing else of it. */
export const sealedProvider = "sealed"

const pageMax = 500

/** The oldest first: what comes meanwhile moves nothing that was not seen yet. */
const pagesOf = (calls: LibraryCalls, filter: Omit<Parameters<Calls["WatchLibrary"]>[0], "offset" | "limit">) =>
  Stream.paginateChunkEffect(
    0,
    (offset) =>
      calls.WatchLibrary({ ...filter, sort: "oldest", offset, limit: pageMax }).pipe(
        Stream.runHead,
        Effect.map(Option.getOrThrow),
        Effect.map(({ items, total }) =>
          [
            Chunk.fromIterable(items),
            offset + items.length < total && items.length > 0
              ? Option.some(offset + items.length)
              : Option.none<number>()
          ] as const
        )
      )
  )

export type Sealed = Summary & { readonly sealed: NonNullable<Summary["sealed"]> }
/** What an export says it comes from may have that name as well. */
const isSealed = (summary: Summary): summary is Sealed => summary.sealed !== null

/** Every sealed conversation, those in the trash too. */
export const sealed = (calls: LibraryCalls) =>
  Stream.concat(
    pagesOf(calls, { provider: sealedProvider }),
    pagesOf(calls, { provider: sealedProvider, trashed: true })
  ).pipe(Stream.filter(isSealed), Stream.runCollect, Effect.map((all) => [...all]))

/** Every conversation the node can read, but those in the trash: they are gone soon, and stay as they are until then. */
export const served = (calls: LibraryCalls, importId?: ImportId) =>
  pagesOf(calls, importId === undefined ? {} : { importId }).pipe(
    Stream.filter((summary) => !isSealed(summary)),
    Stream.runCollect,
    Effect.map((all) => [...all])
  )
