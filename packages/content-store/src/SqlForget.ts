/** How contents are forgotten: their keys first, then their rows; cut off in between, it is begun again. */
import type * as SqlClient from "@effect/sql/SqlClient"
import * as Effect from "effect/Effect"
import { ContentStoreError } from "./ContentStore.ts"
import * as Parts from "./Parts.ts"
import type { Find } from "./SqlRows.ts"

interface Ground {
  readonly sql: SqlClient.SqlClient
  readonly find: Find
}

const failing = Effect.mapError((cause: unknown) => new ContentStoreError({ doing: "forget content", cause }))

export const forget = Effect.fnUntraced(function*<E>(
  { find, sql }: Ground,
  owner: string,
  hashes: ReadonlyArray<string> | null,
  destroy: (stream: string) => Effect.Effect<void, E>
) {
  const places = new Set<string>()
  if (hashes === null) {
    const rows = yield* failing(sql<{ readonly place: string }>`SELECT place FROM content WHERE owner = ${owner}`)
    for (const { place } of rows) places.add(place)
  } else {
    for (const hash of hashes) {
      const row = yield* find(owner, Buffer.from(hash, "hex"))
      if (row !== null) places.add(row.place)
    }
  }
  for (const place of places) {
    // Contents of older builds shared a key, which others still need.
    const { stream } = Parts.subject(owner, place)
    if (stream === place) yield* destroy(stream)
    yield* failing(sql.withTransaction(Effect.zipRight(
      sql`DELETE FROM content_part WHERE place = ${place}`,
      sql`DELETE FROM content WHERE place = ${place}`
    )))
  }
})
