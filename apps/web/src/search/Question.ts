/**
 * A question, what is searched for: as the address says it, as the node is asked it.
 *
 * U1  A question written into an address is read back the same; what an address cannot mean is left out; an empty one asks nothing.
 */
import type { Address } from "../library/Filters.ts"
import type { Payload } from "../node/Calls.ts"
import { dayEnd, dayStart } from "../ui/Times.ts"

export interface Question {
  readonly q: string
  readonly provider: string | undefined
  readonly role: "user" | "assistant" | undefined
  readonly from: string | undefined
  readonly to: string | undefined
  readonly hidden: boolean
}

const queryMax = 512

export const readQuestion = (address: Address): Question => {
  const one = (name: string) => {
    const said = address[name]
    const first = typeof said === "string" ? said : said?.[0]
    return first === "" ? undefined : first
  }
  const role = one("role")
  return {
    q: (one("q") ?? "").slice(0, queryMax),
    provider: one("provider"),
    role: role === "user" || role === "assistant" ? role : undefined,
    from: dayStart(one("from")) === undefined ? undefined : one("from"),
    to: dayStart(one("to")) === undefined ? undefined : one("to"),
    hidden: one("hidden") === "yes"
  }
}

export const writeQuestion = (question: Question): Record<keyof Question, string | undefined> => ({
  ...question,
  q: question.q === "" ? undefined : question.q,
  hidden: question.hidden ? "yes" : undefined
})

/** `undefined`: nothing is asked. */
export const askedBy = (question: Question, limit: number): Payload<"WatchSearch"> | undefined => {
  if (question.q.trim() === "") return undefined
  const from = dayStart(question.from)
  const to = dayEnd(question.to)
  return {
    query: question.q,
    limit,
    ...(question.provider === undefined ? {} : { provider: question.provider }),
    ...(question.role === undefined ? {} : { role: question.role }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(question.hidden ? { hidden: true } : {})
  }
}
