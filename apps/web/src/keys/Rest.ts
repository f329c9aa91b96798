/** The node's REST face, for what is done with keys: before a session there is no other door, and after it none is needed. */
import { Refused } from "../node/Calls.ts"
import { confirmWho } from "../session/StepUp.ts"
import { base64url } from "./Suite.ts"

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

const utf8 = new TextEncoder()
const json = (value: unknown): string => base64url(utf8.encode(JSON.stringify(value)))

/** A proof that whoever asks holds the key of this browser (RFC 9449). With a token, it is for that one only. */
export const proof = async (keys: CryptoKeyPair, method: string, url: string, token?: string): Promise<string> => {
  const { crv, kty, x, y } = await crypto.subtle.exportKey("jwk", keys.publicKey)
  const head = json({ typ: "dpop+jwt", alg: "ES256", jwk: { crv, kty, x, y } })
  const body = json({
    jti: base64url(crypto.getRandomValues(new Uint8Array(16))),
    htm: method,
    htu: url.split(/[?#]/)[0],
    iat: Math.floor(Date.now() / 1_000),
    ...token === undefined
      ? {}
      : { ath: base64url(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(token)))) }
  })
  const signature = await crypto.subtle.sign(
    { name: "ECDSA", hash: "SHA-256" },
    keys.privateKey,
    utf8.encode(`${head}.${body}`)
  )
  return `${head}.${body}.${base64url(new Uint8Array(signature))}`
}
