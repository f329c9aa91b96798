/** Reads what was dropped or chosen: files, and folders with all that is in them. */
import type { Dropped } from "./Parcels.ts"

export const holdsFiles = (transfer: DataTransfer | null): transfer is DataTransfer =>
  transfer?.types.includes("Files") === true

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject))

/** A reader answers in batches, and with an empty one at the end. */
const childrenOf = async (entry: FileSystemDirectoryEntry): Promise<ReadonlyArray<FileSystemEntry>> => {
  const reader = entry.createReader()
  const all: Array<FileSystemEntry> = []
  for (;;) {
    const batch = await new Promise<Array<FileSystemEntry>>((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) return all
    all.push(...batch)
  }
}

const read = async (roots: ReadonlyArray<FileSystemEntry>): Promise<ReadonlyArray<Dropped>> => {
  const dropped: Array<Dropped> = []
  const left = [...roots]
  for (let entry = left.pop(); entry !== undefined; entry = left.pop()) {
    if (entry.isDirectory) left.push(...await childrenOf(entry as FileSystemDirectoryEntry))
    else dropped.push({ path: entry.fullPath.replace(/^\//, ""), file: await fileOf(entry as FileSystemFileEntry) })
  }
  return dropped.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

/** Must be called while the drop is being handled: afterwards the browser has forgotten what it was. */
export const readDrop = (transfer: DataTransfer): Promise<ReadonlyArray<Dropped>> => {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  return entries.length > 0 ? read(entries) : Promise.resolve(readChosen(transfer.files))
}

export const readChosen = (files: FileList): ReadonlyArray<Dropped> =>
  [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }))
