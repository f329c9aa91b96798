/**
 * Looks at the archive of the log: whether every segment is where it was put.
 *
 * X6  A segment that is gone, cut off or altered at its index is named, with the events it held.
 */
import type { ArchivedSegment } from "@vivim/contract/Archive"
import { fail, type Finding, ok } from "./DoctorFinding.ts"

const check = "archive"

/** Told one by one up to so many. */
const toldMax = 10

export const findings = (segments: ReadonlyArray<ArchivedSegment>): ReadonlyArray<Finding> => {
  const bad = segments.filter(({ trouble }) => trouble !== null)
  if (segments.length === 0) return [ok(check, "Nothing of the log is archived.")]
  if (bad.length === 0) {
    const events = segments.reduce((sum, { first, last }) => sum + last - first + 1, 0)
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
    return [
      ok(
        check,
        `${events} events lie in ${segments.length} segments of ${Math.ceil(bytes / 1024 ** 2)} MiB, all there.`
      )
    ]
  }
  return [
    ...bad.slice(0, toldMax).map(({ first, last, name, trouble }) =>
      fail(
        check,
        `Events ${first} to ${last} cannot be read: ${name} ${trouble}.`,
        "Put the file back from a copy, or restore the node from its backup; the node goes on with all other events."
      )
    ),
    ...bad.length > toldMax
      ? [fail(check, `So it is with ${bad.length - toldMax} more.`, "See: vivim archive list")]
      : []
  ]
}
