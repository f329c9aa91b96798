/** Whether a failure comes from a full disk: the one trouble that whoever reads of it can end. */

/** What the system, PostgreSQL and SQLite call it. */
const codes: ReadonlySet<unknown> = new Set(["ENOSPC", "EDQUOT", "53100", "SQLITE_FULL"])

/** Failures carry what caused them; deeper than this nobody nests them. */
const depthMax = 8

export const isDiskFull = (failure: unknown): boolean => {
  let at = failure
  for (let depth = 0; depth < depthMax && typeof at === "object" && at !== null; depth++) {
    const { cause, code } = at as { readonly cause?: unknown; readonly code?: unknown }
    if (codes.has(code)) return true
    at = cause
  }
  return false
}

export const sentence = "the disk is full: nothing of this was kept; free some room, and it goes on by itself"
