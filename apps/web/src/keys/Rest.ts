/** The node's REST face, for what is done with keys: before a session there is no other door, and after it none is needed. */
import { Refused } from "../node/Calls.ts"
import { confirmWho } from "../session/StepUp.ts"

export interface Asked {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE"
  readonly path: string
  readonly body?: unknown
}

/** Headers of a request, as who one is. */
export type Authorize = (method: string, url: string) => Promise<Readonly<Record<string, string>>>

const urlOf = (path: string): string => `${location.origin}/api/v1${path}`

const once = async <A>({ body, method = "GET", path }: Asked, authorize: Authorize): Promise<A> => {
  const url = urlOf(path)
  const headers = {
    ...await authorize(method, url),
    ...body === undefined ? {} : { "content-type": "application/json" }
  }
  let response: Response
  let text: string
  try {
    response = await fetch(url, {
      method,
      headers,
      cache: "no-store",
      ...body === undefined ? {} : { body: JSON.stringify(body) }
    })
    text = await response.text()
  } catch {
    throw new Refused({ _tag: "NodeAway" })
  }
  const said = parsed(text)
  if (response.ok) return said as A
  throw new Refused(
    typeof said?._tag === "string" ? said : { _tag: response.status === 429 ? "TooManyRequests" : "NodeAway" }
  )
}

const parsed = (text: string): any => {
  try {
    return text === "" ? null : JSON.parse(text)
  } catch {
    return null
  }
}

/** Asks, and once more after showing who one is where that is wanted. Rejects with `Refused`. */
export const ask = async <A>(asked: Asked, authorize: Authorize): Promise<A> => {
  try {
    return await once(asked, authorize)
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal._tag !== "StepUpNeeded") throw error
    if (!await confirmWho(error.refusal.means ?? [])) throw error
    return await once(asked, authorize)
  }
}
