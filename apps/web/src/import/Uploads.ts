/** Files on their way to the node: one parcel after the other, each with how far it is. What the node does with them, it says itself. */
import { createSignal } from "solid-js"
import { sentenceOf } from "../account/Sentences.ts"
import { isSealed, open, openedName } from "../age/Age.ts"
import { authorization } from "../node/Node.ts"
import { announce } from "../ui/Announcer.tsx"
import { zipOf } from "./FolderZip.ts"
import { type Dropped, type Parcel, parcelsOf } from "./Parcels.ts"

export interface Upload {
  readonly id: number
  readonly name: string
  readonly bytes: number
  readonly done: number
  /** `sealed`: with age, and its passphrase is asked for. `taken`: the node has it, and gave it an import id. */
  readonly state: "waiting" | "packing" | "sealed" | "opening" | "sending" | "taken" | "failed"
  readonly problem?: string
  readonly importId?: string
}

const [uploads, setUploads] = createSignal<ReadonlyArray<Upload>>([])
export { uploads }

const senders = new Map<number, { readonly abort: () => void }>()
const sealedFiles = new Map<number, File>()
let last = 0
let queue: Promise<unknown> = Promise.resolve()

const update = (id: number, change: Partial<Upload>) =>
  setUploads((all) => all.map((upload) => (upload.id === id ? { ...upload, ...change } : upload)))

export const dismiss = (id: number): void => {
  senders.get(id)?.abort()
  sealedFiles.delete(id)
  setUploads((all) => all.filter((upload) => upload.id !== id))
}

/** What the node said against it, if it said so in a way that is meant to be read. */
const problemIn = (request: XMLHttpRequest): string => {
  try {
    const { message } = JSON.parse(request.responseText) as { message?: unknown }
    if (typeof message === "string" && message !== "") return message
  } catch {
    // Not JSON: a proxy in between, or nothing at all.
  }
  if (request.status === 0) {
    return "The connection to the node broke. What had arrived is not lost: drop the file again to go on."
  }
  return `The node did not take the file (HTTP ${request.status}).`
}

const send = async (id: number, name: string, body: Blob): Promise<string> => {
  const path = `/api/v1/imports?name=${encodeURIComponent(name)}`
  const headers = await authorization("POST", path)
  return await new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    senders.set(id, request)
    request.open("POST", path)
    for (const [header, value] of Object.entries(headers)) request.setRequestHeader(header, value)
    request.setRequestHeader("content-type", "application/octet-stream")
    request.upload.addEventListener("progress", ({ loaded }) => update(id, { done: loaded }))
    request.addEventListener("loadend", () => {
      senders.delete(id)
      if (request.status === 201) resolve(String((JSON.parse(request.responseText) as { importId: unknown }).importId))
      else reject(new Error(problemIn(request)))
    })
    request.send(body)
  })
}

const isWanted = (id: number) => uploads().some((upload) => upload.id === id)

const handOver = async (id: number, name: string, body: Blob): Promise<void> => {
  if (!isWanted(id)) return
  update(id, { state: "sending", bytes: body.size, done: 0 })
  const importId = await send(id, name, body)
  update(id, { state: "taken", importId, done: body.size })
  announce(`${name} is being imported`)
}

const failed = (id: number, error: unknown) =>
  update(id, { state: "failed", problem: error instanceof Error ? error.message : String(error) })

const deliver = async (id: number, parcel: Parcel): Promise<void> => {
  if (!isWanted(id)) return
  try {
    let body: Blob = parcel.files[0]!.file
    if (!parcel.isFolder && await isSealed(body)) {
      sealedFiles.set(id, parcel.files[0]!.file)
      update(id, { state: "sealed" })
      return
    }
    if (parcel.isFolder) {
      update(id, { state: "packing" })
      let done = 0
      body = await zipOf(parcel.files, (bytes) => update(id, { done: done += bytes }))
    }
    await handOver(id, parcel.name, body)
  } catch (error) {
    failed(id, error)
  }
}

/** Opens a sealed file in this browser, and sends what was in it. A passphrase that is not its own is asked for again. */
export const unseal = async (id: number, passphrase: string): Promise<void> => {
  const file = sealedFiles.get(id)
  if (file === undefined) return
  const opening = new AbortController()
  senders.set(id, opening)
  update(id, { state: "opening", done: 0, problem: "" })
  try {
    const onBytes = (bytes: number) => update(id, { done: bytes })
    const body = await open(file, passphrase, { signal: opening.signal, onBytes })
    sealedFiles.delete(id)
    const name = openedName(file.name)
    update(id, { name, state: "waiting" })
    queue = queue.then(() => handOver(id, name, body).catch((error: unknown) => failed(id, error)))
  } catch (error) {
    update(id, { state: "sealed", problem: sentenceOf(error) })
  }
}

/** Sends what was dropped. The answer is how many imports it makes: none, if there was nothing in it. */
export const takeIn = (dropped: ReadonlyArray<Dropped>): number => {
  const parcels = parcelsOf(dropped)
  for (const parcel of parcels) {
    const id = ++last
    const bytes = parcel.files.reduce((sum, { file }) => sum + file.size, 0)
    setUploads((all) => [...all, { id, name: parcel.name, bytes, done: 0, state: "waiting" }])
    queue = queue.then(() => deliver(id, parcel))
  }
  return parcels.length
}

/** Closing the page would break off what is being sent. */
addEventListener("beforeunload", (event) => {
  if (uploads().some(({ state }) => state === "packing" || state === "opening" || state === "sending")) {
    event.preventDefault()
  }
})
