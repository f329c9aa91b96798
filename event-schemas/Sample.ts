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

/** The values of a part that is written out as JSON. Bytes stand there as dag-json has them: `{"/": {"bytes": "<base64>"}}`. */
export const valuesOf = (written: unknown): unknown => {
  if (Array.isArray(written)) return written.map(valuesOf)
  if (typeof written !== "object" || written === null) return written
  const bytes = (written as { readonly "/"?: { readonly bytes?: string } })["/"]?.bytes
  if (bytes !== undefined) return new Uint8Array(Buffer.from(bytes, "base64"))
  return Object.fromEntries(Object.entries(written).map(([name, value]) => [name, valuesOf(value)]))
}

const base64 = (written: unknown): string => Buffer.from(Canonical.encode(valuesOf(written))).toString("base64")

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
