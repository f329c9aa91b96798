/** Puts contents back as they lay, row by row and part by part, in the transaction of a restore. */
import { byteaArray, int4Array, int8Array, textArray } from "@vivim/event-store/PostgresArrays"
import type { Restoring } from "@vivim/event-store/PostgresRestore"
import * as Effect from "effect/Effect"
import type { BackupRecord } from "./BackupFormat.ts"

type Content = Extract<BackupRecord, { readonly kind: "content" }>
interface Part {
  readonly place: string
  readonly part: number
  readonly sealed: Uint8Array
}

/** Takes records of contents in the order of the backup, a page of them at a time. */
export const keeper = ({ ask }: Restoring) => {
  /** Where the parts that come belong: a content's parts may come pages after it. */
  let place = ""
  return (records: ReadonlyArray<BackupRecord>) =>
    Effect.suspend(() => {
      const contents: Array<Content> = []
      const parts: Array<Part> = []
      for (const record of records) {
        if (record.kind === "content") {
          contents.push(record)
          place = record.place
        } else if (record.kind === "part") parts.push({ place, part: record.part, sealed: record.sealed })
      }
      return Effect.zipRight(
        contents.length === 0 ? Effect.void : ask(insertContents(contents)),
        parts.length === 0 ? Effect.void : ask(insertParts(parts))
      )
    })
}

const insertContents = (contents: ReadonlyArray<Content>) => ({
  name: "restore contents",
  text: `insert into content (address, place, owner, bytes, mime)
    select * from unnest($1::bytea[], $2::text[], $3::text[], $4::bigint[], $5::text[])`,
  values: [
    byteaArray(contents, ({ address }) => address),
    textArray(contents, ({ place }) => place),
    textArray(contents, ({ owner }) => owner),
    int8Array(contents, ({ bytes }) => bytes),
    textArray(contents, ({ mime }) => mime)
  ]
})

const insertParts = (parts: ReadonlyArray<Part>) => ({
  name: "restore parts",
  text: "insert into content_part (place, part, sealed) select * from unnest($1::text[], $2::int[], $3::bytea[])",
  values: [
    textArray(parts, ({ place }) => place),
    int4Array(parts, ({ part }) => part),
    byteaArray(parts, ({ sealed }) => sealed)
  ]
})
