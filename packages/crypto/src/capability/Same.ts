/** Whether two values of the data model are one: maps whatever the order of their keys, numbers whatever they were written as. */
import { CID } from "multiformats/cid"
import { bytesEqual } from "../Bytes.ts"
import type { Steps } from "./Steps.ts"

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && CID.asCID(value) === null

/** Throws `StepsSpent` when it takes more than may be done. */
export const isSame = (a: unknown, b: unknown, steps: Steps): boolean => {
  steps.take(1)
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) {
    if (typeof a === "string") steps.take(a.length >> 6)
    return a === b
  }
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    steps.take(a instanceof Uint8Array ? a.length >> 6 : 0)
    return a instanceof Uint8Array && b instanceof Uint8Array && bytesEqual(a, b)
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length &&
      a.every((one, n) => isSame(one, b[n], steps))
  }
  if (!isPlain(a) || !isPlain(b)) return CID.asCID(a)?.equals(CID.asCID(b)) ?? false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key], steps))
}
