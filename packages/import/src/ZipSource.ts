/**
 * A zip as a source: its entries by its table of contents, or, when that is missing or damaged, by what a walk through it finds.
 *
 * Z1  Entries with unsafe names, encrypted or packed in unknown ways are left out, each with its reason.
 * Z2  A cut or damaged zip gives all entries that can still be found, and says that it is cut.
 * Z3  No more entries are looked at than the bound allows; the rest is named as one.
 */
import { places } from "@vivim/contract/AccountFile"
import * as Effect from "effect/Effect"
import { shownName, unsafeName } from "./EntryName.ts"
import type { ImportLimits } from "./ImportLimits.ts"
import type { SourceFailed } from "./ImportRefused.ts"
import { type Budget, type PackedEntry, packedEntry, unreadable } from "./PackedEntry.ts"
import { byName, type Entry, type LeftOut, type Source } from "./Source.ts"
import { readZipDirectory } from "./ZipDirectory.ts"
import { scanZip } from "./ZipScan.ts"

/** Opens a zip. `prefix` stands before its entries' names when it lies in a directory import. */
export const openZip = (
  path: string,
  about: { readonly name: string; readonly size: number; readonly prefix: string },
  budget: Budget,
  limits: ImportLimits
): Effect.Effect<Source, SourceFailed> =>
  Effect.gen(function*() {
    const directory = yield* readZipDirectory(path, about.size, limits.entriesMax)
    const damaged = directory.damage !== null
    const packed = damaged ? yield* scanZip(path, about.size, limits.entriesMax) : directory.entries
    const leftOut: Array<LeftOut> = []
    const entries: Array<Entry> = []
    const pack = { path, name: about.name, budget }
    if (damaged) leftOut.push({ name: about.name, reason: salvaged(packed, directory.damage!) })
    const beyond = directory.announced - packed.length
    if (!damaged && beyond > 0) {
      leftOut.push({ name: about.name, reason: `${beyond} of its entries are over entriesMax (${limits.entriesMax})` })
    }
    for (const entry of packed) {
      const flaw = unsafeName(entry.name) ?? unreadable(entry)
      const name = about.prefix + shownName(entry.name)
      if (flaw !== null) leftOut.push({ name, reason: flaw })
      else if (!entry.name.endsWith("/")) {
        entries.push(packedEntry(pack, { ...entry, name }, boundsOf(entry.name, limits)))
      }
    }
    return { kind: "zip" as const, name: about.name, entries: entries.toSorted(byName), leftOut }
  })

/** What a VIVIM account says over and over packs as well as it likes: sizes and the total bound its file. */
const boundsOf = (name: string, limits: ImportLimits): ImportLimits =>
  [places.events, places.conversations].some((own) => name === own || name.endsWith(`/${own}`))
    ? { ...limits, ratioMax: Infinity }
    : limits

const salvaged = (found: ReadonlyArray<PackedEntry>, damage: string): string => {
  const cut = found.filter((entry) => entry.cut).length
  const inside = cut === 0 ? "" : `, the last of them cut`
  return `truncated: the zip has no whole table of contents (${damage}); ${found.length} files were found in it${inside}`
}
