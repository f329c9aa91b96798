/**
 * Which conversations are shown: as the address says it, as the node is asked it.
 *
 * F1  What an address cannot mean is left out; the rest of it holds.
 * F2  A filter written into an address is read back the same, and the untouched filter leaves the address bare.
 * F3  A day means all of that day, first and last millisecond included.
 */
import type { Payload } from "../node/Calls.ts"
import { dayEnd, dayStart } from "../ui/Times.ts"
import type { Asked } from "./Rows.ts"

const sorts = ["newest", "oldest", "title"] as const
/** The node takes no longer words. */
const textMax = 512
export type Sort = typeof sorts[number]

export interface Filter {
  /** Words the title, the tags or one message must hold. */
  readonly text: string | undefined
  readonly provider: string | undefined
  readonly tag: string | undefined
  /** `YYYY-MM-DD`, inclusive. */
  readonly from: string | undefined
  readonly to: string | undefined
  /** Only what has no date. */
  readonly undated: boolean
  readonly archived: boolean
  readonly sort: Sort
}

/** The search part of an address, as the router gives it: a name said twice is a list. */
export type Address = Partial<Record<string, string | ReadonlyArray<string>>>

const one = (said: string | ReadonlyArray<string> | undefined): string | undefined => {
  const first = typeof said === "string" ? said : said?.[0]
  return first === "" ? undefined : first
}

export const readFilter = (address: Address): Filter => {
  const day = (name: string) => (dayStart(one(address[name])) === undefined ? undefined : one(address[name]))
  const [from, to] = [day("from"), day("to")]
  return {
    text: one(address["text"])?.slice(0, textMax),
    provider: one(address["provider"]),
    tag: one(address["tag"]),
    from,
    to,
    // What has no date lies between no two days.
    undated: one(address["undated"]) === "yes" && from === undefined && to === undefined,
    archived: one(address["archived"]) === "yes",
    sort: sorts.find((sort) => sort === one(address["sort"])) ?? "newest"
  }
}

/** Names that are `undefined` leave the address. */
export const writeFilter = (filter: Filter): Record<keyof Filter, string | undefined> => ({
  text: filter.text?.trim() === "" ? undefined : filter.text,
  provider: filter.provider,
  tag: filter.tag,
  from: filter.from,
  to: filter.to,
  undated: filter.undated ? "yes" : undefined,
  archived: filter.archived ? "yes" : undefined,
  sort: filter.sort === "newest" ? undefined : filter.sort
})

/** The part of the question that says which; the list adds an order, the facets count it. */
export const whichBy = (filter: Filter): Payload<"WatchFacets"> => {
  const from = dayStart(filter.from)
  const to = dayEnd(filter.to)
  return {
    ...(filter.text === undefined ? {} : { text: filter.text }),
    ...(filter.provider === undefined ? {} : { provider: filter.provider }),
    ...(filter.tag === undefined ? {} : { tag: filter.tag }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(filter.undated ? { dated: false } : {}),
    archived: filter.archived
  }
}

export const askedBy = (filter: Filter): Asked => ({
  ...whichBy(filter),
  sort: filter.sort
})

/** True when something is left out that the reader may be looking for. */
export const narrows = (filter: Filter): boolean =>
  filter.undated ||
  [filter.text, filter.provider, filter.tag, filter.from, filter.to].some((part) => part !== undefined)
