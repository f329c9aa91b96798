/** Titles for receipts of imports, from their owner's library as it is now. */
import { LibraryView } from "@vivim/document/LibraryView"
import { ReceiptTitles } from "@vivim/import/ReceiptTitles"
import { UserDatabases } from "@vivim/user-database/UserDatabases"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as AskLibrary from "./AskLibrary.ts"

const titles = `SELECT id, title FROM conversations WHERE id IN (SELECT value FROM json_each(?))`

const titlesOf = (owner: string, ids: ReadonlyArray<string>) =>
  Effect.flatMap(UserDatabases, (databases) =>
    databases.read(
      owner,
      LibraryView,
      (db) => db.all<{ readonly id: string; readonly title: string }>(titles, JSON.stringify(ids))
    )).pipe(Effect.map((rows): ReadonlyMap<string, string> => new Map(rows.map(({ id, title }) => [id, title]))))

export const layer = Layer.effect(
  ReceiptTitles,
  Effect.map(AskLibrary.make, (ask) => ({
    // A receipt without titles says more than none.
    of: (owner, ids) => ask(owner, titlesOf(owner, ids), new Map())
  }))
)
