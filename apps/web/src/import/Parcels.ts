/**
 * What was dropped, sorted into parcels: each parcel is one import.
 *
 * P1  A loose file is a parcel of its own; so is a zip, wherever it lay.
 * P2  What lay in one folder is one parcel with the folder's name, and keeps its paths inside the folder.
 * P3  What systems leave in folders for themselves is left out, and an empty folder is no parcel.
 * P4  Loose parts of one split export travel together: apart they would make no sense.
 */
export interface Dropped<File = globalThis.File> {
  /** `notes.md`, or `export/images/a.png` for what lay in a folder. */
  readonly path: string
  readonly file: File
}

export interface Parcel<File = globalThis.File> {
  readonly name: string
  /** One file, sent as it is; or several, sent as a zip. */
  readonly files: ReadonlyArray<Dropped<File>>
  readonly isFolder: boolean
}

const leftBySystems = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)$|(^|\/)__MACOSX\//i
const isZip = (path: string) => /\.zip$/i.test(path)
const isSplitPart = (path: string) => /^conversations-\d+\.json$/i.test(path)
const folderOf = (
  path: string
): string | undefined => (path.includes("/") ? path.slice(0, path.indexOf("/")) : undefined)
const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

export const parcelsOf = <File>(dropped: ReadonlyArray<Dropped<File>>): ReadonlyArray<Parcel<File>> => {
  const wanted = dropped.filter(({ path }) => !leftBySystems.test(path))
  const zips = wanted.filter(({ path }) => isZip(path))
  const rest = wanted.filter(({ path }) => !isZip(path))
  const loose = rest.filter(({ path }) => folderOf(path) === undefined)
  const folders = new Map<string, Array<Dropped<File>>>()
  for (const one of rest) {
    const folder = folderOf(one.path)
    if (folder === undefined) continue
    const inside = { path: one.path.slice(folder.length + 1), file: one.file }
    folders.set(folder, [...(folders.get(folder) ?? []), inside])
  }
  const alone = (one: Dropped<File>): Parcel<File> => ({ name: nameOf(one.path), files: [one], isFolder: false })
  const together = loose.length > 1 && loose.some(({ path }) => isSplitPart(path))
  return [
    ...zips.map(alone),
    ...(together ? [{ name: `${loose.length} files.zip`, files: loose, isFolder: true }] : loose.map(alone)),
    ...[...folders].map(([name, files]) => ({ name: `${name}.zip`, files, isFolder: true }))
  ]
}
