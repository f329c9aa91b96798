/**
 * `did:web`: a name that is an address. Only whole hosts, for a node is one.
 *
 * V1  An origin and its DID are two forms of one thing; a DID with a path, or whose document would not be fetched by https, is none.
 *
 * Source: W3C CCG did:web method. A port's colon is written `%3A`.
 */
import type { Did } from "@vivim/event-schemas/ids"

const host = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/

/** The DID of whoever answers at an origin (`https://node.example`); null when it cannot have one. */
export const ofOrigin = (origin: string): Did | null => {
  const url = URL.canParse(origin) ? new URL(origin) : null
  // An IPv6 host has colons, for which the method has no form.
  if (url === null || !host.test(url.hostname)) return null
  return `did:web:${url.hostname}${url.port === "" ? "" : `%3A${url.port}`}` as Did
}

/** Where the document of a node lies; null when the DID is of no node. */
export const documentUrl = (did: string): string | null => {
  const [, name, port] = /^did:web:([a-z0-9.-]+)(?:%3A(\d{1,5}))?$/.exec(did) ?? []
  if (name === undefined || !host.test(name)) return null
  return `https://${name}${port === undefined ? "" : `:${port}`}/.well-known/did.json`
}
