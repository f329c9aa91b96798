/**
 * Which names of packed files are taken. Nothing is ever written under them; a name that tries to lead somewhere marks its file.
 *
 * Q1  Climbing, absolute, drive, backslash, control and overlong names are refused, each by its reason.
 */

const LENGTH_MAX = 1_024

/** Why a name is not taken, or null. */
export const unsafeName = (name: string): EntryNameFlaw | null => {
  if (name === "") return "its name is empty"
  if (name.length > LENGTH_MAX) return `its name is longer than ${LENGTH_MAX} characters`
  if (/[\u0000-\u001f\u007f]/.test(name)) return "its name has control characters"
  if (name.includes("\\")) return "its name has a backslash"
  if (name.startsWith("/")) return "its name is an absolute path"
  if (/^[A-Za-z]:/.test(name)) return "its name has a drive letter"
  return name.split("/").includes("..") ? "its name climbs out of the folder" : null
}

/** A name as it may be shown in a report. */
export const shownName = (name: string): string => name.replace(/[\u0000-\u001f\u007f]/g, "\uFFFD").slice(0, LENGTH_MAX)

export type EntryNameFlaw = string
