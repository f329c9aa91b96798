/**
 * A golden sample: one event as it was once stored, to be read and to be decoded forever. The parts are written out for people;
 * `bytes` is what lay in the store, and what counts.
 */
import * as Canonical from "./Canonical.ts"
import type { Stored } from "./Event.ts"

export interface Sample {
  readonly type: string
  readonly schemaVersion: number
  readonly routing: unknown
  readonly private: unknown
  /** Both parts in canonical CBOR, as base64. */
  readonly bytes?: { readonly routing: string; readonly private: string }
}

const base64 = (value: unknown): string => Buffer.from(Canonical.encode(value)).toString("base64")

/** Adds the bytes to a sample that has none yet. Those that are there stay. */
export const complete = (sample: Sample): Sample => ({
  ...sample,
  bytes: sample.bytes ?? { routing: base64(sample.routing), private: base64(sample.private) }
})

/** The event as it lay in the store. */
export const stored = ({ bytes, schemaVersion, type }: Sample): Stored => {
  if (bytes === undefined) throw new Error(`the sample of ${type} has no bytes yet: npm run shapes`)
  return {
    type,
    schemaVersion,
    routing: Buffer.from(bytes.routing, "base64"),
    private: Buffer.from(bytes.private, "base64")
  }
}

/** Where the sample of an event's version lies, from the folder of event schemas. */
export const fileOf = (tag: string, version: number): string => {
  const [kind, event] = tag.split(".")
  return `${kind}/samples/${event}.v${version}.json`
}
