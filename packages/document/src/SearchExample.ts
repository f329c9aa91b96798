/** An example to search in, three conversations, and the shortest way to ask it. */
import type { Fact } from "@vivim/user-database/UserView"
import * as Example from "./LibraryExample.ts"
import * as Search from "./Search.ts"

const { apply, happened, imported, message } = Example

/** A library of these events. */
export const libraryOf = (...events: ReadonlyArray<Fact["event"]>) => {
  const db = Example.open()
  apply(db, ...events)
  return db
}
type Library = ReturnType<typeof libraryOf>

/** What was found: message ids, or the document of a title. */
export const ids = ({ hits }: Search.Results) =>
  hits.map(({ documentId, messageId }) => messageId ?? `title of ${documentId}`)
export const find = (db: Library, query: string, more: Partial<Search.Question> = {}) =>
  Search.messages(db, { query, ...more })
export const found = (db: Library, query: string, more: Partial<Search.Question> = {}) => ids(find(db, query, more))

/** Tea, containers and a journey: three conversations to search in. */
export const kitchen = libraryOf(
  imported("d1", [
    message("oolong", "How long should I steep oolong tea? Three minutes.", { at: 1_000 }),
    message("green", "Green tea wants cooler water.", { parent: "oolong", role: "assistant", at: 2_000 }),
    message("hidden", "oolong system prompt", { hidden: "system", at: 3_000 })
  ], { title: "Steeping tea", provider: "claude" }),
  imported("d2", [
    message("docker", "docker volume permission denied", { at: 4_000 }),
    message("named", "A named volume belongs to root; the named user does not.", {
      parent: "docker",
      role: "assistant",
      at: 5_000
    }),
    message("swarm", "docker swarm and its volume drivers", { at: 6_000 })
  ], { title: "Containers at home" }),
  imported("d3", [
    message("tokyo", "東京都庁の展望室に行きたい。เที่ยวญี่ปุ่น", { at: 7_000 }),
    message("mixed", "React開発とDocker入門", { at: 8_000 })
  ], {
    title: "旅行"
  }),
  happened("ConversationTagged", "d3", { tag: "wanderlust" })
)
