/** Files the node has kept, fetched with the session's token; a page's own tags could not carry it. */
import { createEffect, createSignal, on, onCleanup } from "solid-js"
import { fetchFromNode } from "../node/Node.ts"
import { fileOf } from "../sealed/Sealed.ts"

interface Kept {
  readonly hash: string
  readonly bytes: number
  readonly mime: string
}

/** Pictures that are only pictures. SVG can hold programs, and is offered as a file instead. */
const shown = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"])

export const isShowable = (content: Kept | null): content is Kept => content !== null && shown.has(content.mime)

const blobOf = async (hash: string, type: string): Promise<Blob> => {
  const opened = await fileOf(hash)
  if (opened !== undefined) return new Blob([opened as Uint8Array<ArrayBuffer>], { type })
  const response = await fetchFromNode(`/api/v1/content/${hash}`)
  if (!response.ok) throw new Error(`The node answered ${response.status}.`)
  return new Blob([await response.arrayBuffer()], { type })
}

/**
 * The address of a picture within this page, for as long as it is shown; `null` when the node could not give it out.
 * Not a resource: one that loads would suspend the whole screen, and its list would lose the rows it measures.
 */
export const createPicture = (content: () => Kept) => {
  const [address, setAddress] = createSignal<string | null>()
  createEffect(on(content, ({ hash, mime }) => {
    let made: string | undefined
    let gone = false
    blobOf(hash, mime).then(
      (blob) => {
        if (!gone) setAddress(made = URL.createObjectURL(blob))
      },
      () => !gone && setAddress(null)
    )
    onCleanup(() => {
      gone = true
      if (made !== undefined) URL.revokeObjectURL(made)
    })
  }))
  return address
}

/** Saves a kept file. Whatever it is, the browser is told only that it is bytes. */
export const save = async (content: Kept, name: string): Promise<void> => {
  const address = URL.createObjectURL(await blobOf(content.hash, "application/octet-stream"))
  const link = document.createElement("a")
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
