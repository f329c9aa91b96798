/** What is found by a search: what the node found, and among it what this device found in what is sealed. */
import { type Accessor, createMemo, createResource } from "solid-js"
import type { Answer, Payload } from "../node/Calls.ts"
import type { Watched } from "../node/Node.ts"
import { canSeal, indexed, sealing, syncIndex } from "./Sealed.ts"

type Results = Answer<"WatchSearch">
type Hit = Results["hits"][number]

const here = new WeakSet<Hit>()
/** Whether this device found it, in what is sealed. */
export const isFoundHere = (hit: Hit): boolean => here.has(hit)

export const createFound = (
  asked: Accessor<Payload<"WatchSearch"> | undefined>,
  node: Watched<Results>
): Watched<Results> => {
  const isThere = () => canSeal() && (node.answer()?.sealed ?? 0) > 0
  const [search] = createResource(isThere, () => syncIndex().then(sealing).then(({ search }) => search))
  const own = createMemo(() => {
    // What the index has learnt since is looked into as well.
    void indexed()
    const question = asked()
    return question === undefined || search.state !== "ready" ? [] : search()(question)
  })
  const answer = createMemo((): Results | undefined => {
    const found = node.answer()
    const sealed = own()
    for (const hit of sealed) here.add(hit)
    if (found === undefined || sealed.length === 0) return found
    // What holds only some of the words comes after what holds all of them.
    const hits = found.matched === "all"
      ? [...found.hits, ...sealed].toSorted((a, b) => b.score - a.score)
      : [...sealed, ...found.hits]
    return { ...found, matched: "all", hits: hits.slice(0, asked()?.limit) }
  })
  return { ...node, answer }
}
