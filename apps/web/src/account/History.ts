/**
 * What a log of operations says, in words, the newest first.
 *
 * H1  Every operation is told: who came, who left, who changed their keys or the kit, and whether a kit did it; what was taken back is told as such.
 */
import type { Read } from "@vivim/client/account/AccountLog"
import { bytesEqual, hex } from "@vivim/crypto/Bytes"
import * as Operation from "@vivim/crypto/did/Operation"
import type { Change } from "./Keys.ts"

type Names = Readonly<Record<string, string>>

const nameOf = (id: string, names: Names): string =>
  names[id] === undefined || names[id] === "" ? `device ${id.slice(-6)}` : `“${names[id]}”`

const list = (ids: ReadonlyArray<string>, names: Names): string => ids.map((id) => nameOf(id, names)).join(", ")

const sentence = (before: Operation.Operation | undefined, now: Operation.Operation, names: Names): string => {
  if (before === undefined) return `The account began, with ${list(Object.keys(now.devices), names)}`
  const byKit = before.recovery.some((hash) => bytesEqual(hash, Operation.keyHash(now.key)))
  const added = Object.keys(now.devices).filter((id) => before.devices[id] === undefined)
  const removed = Object.keys(before.devices).filter((id) => now.devices[id] === undefined)
  const isKept = added.length === 0 && removed.length === 0
  const isOther = before.recovery.length !== now.recovery.length ||
    before.recovery.some((hash, i) => !bytesEqual(hash, now.recovery[i]!))
  if (isKept && isOther) {
    return `A new recovery kit took the place of the old one, by the word of ${byKit ? "the old one" : "a device"}`
  }
  if (byKit) return `The account was taken back with the kit, on ${list(added, names)}`
  const parts = [
    ...added.length > 0 ? [`${list(added, names)} was let in`] : [],
    ...removed.length > 0 ? [`${list(removed, names)} was removed`] : []
  ]
  const what = parts.length > 0 ? parts.join(", ") : "Keys were changed"
  return what[0]!.toUpperCase() + what.slice(1)
}

export const tell = (
  { log, operations }: Pick<Read, "log" | "operations">,
  names: Names
): ReadonlyArray<Change> => {
  const counting = new Set(log.chain.map(({ hash }) => hex(hash)))
  const byHash = new Map<string, Operation.Operation>()
  const told: Array<Change> = []
  for (const bytes of operations) {
    const operation = Operation.decode(bytes)
    if (operation === null) continue
    const hash = hex(Operation.hashOf(bytes))
    byHash.set(hash, operation)
    const before = operation.prev === null ? undefined : byHash.get(hex(operation.prev))
    told.unshift({ at: operation.ts, what: sentence(before, operation, names), undone: !counting.has(hash) })
  }
  return told
}
