/**
 * Files sealed with age in this browser: the node never hears the passphrase.
 *
 * What does it is a worker of its own, loaded when a file is to be sealed or opened. Files are handed over as blobs: the page holds none of their
 * bytes, the worker a piece at a time.
 */
import { Refused } from "../node/Calls.ts"

export interface Order {
  readonly kind: "seal" | "open"
  readonly file: Blob
  readonly passphrase: string
}

export type Answer =
  | { readonly bytes: number }
  | { readonly file: Blob }
  | { readonly refused: "AgeRefused" | "AgeBroken" }

export interface Watching {
  /** Gives up, and ends the worker. */
  readonly signal?: AbortSignal
  /** Told how many bytes have passed. */
  readonly onBytes?: (bytes: number) => void
}

const ordered = (order: Order, { onBytes, signal }: Watching): Promise<Blob> => {
  const worker = new Worker(new URL("./AgeWorker.ts", import.meta.url), { type: "module" })
  const abandoned = () => new DOMException("given up", "AbortError")
  return new Promise<Blob>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      if ("bytes" in data) onBytes?.(data.bytes)
      else if ("file" in data) resolve(data.file)
      else reject(new Refused({ _tag: data.refused }))
    })
    worker.addEventListener("error", () => reject(new Refused({ _tag: "AgeAway" })))
    if (signal?.aborted === true) reject(abandoned())
    signal?.addEventListener("abort", () => reject(abandoned()))
    worker.postMessage(order, {})
  }).finally(() => worker.terminate())
}

export const seal = (file: Blob, passphrase: string, watching: Watching = {}): Promise<Blob> =>
  ordered({ kind: "seal", file, passphrase }, watching)

/** Refused (`AgeRefused`) where the passphrase is not this file's, and (`AgeBroken`) where the file was changed or cut. */
export const open = (file: Blob, passphrase: string, watching: Watching = {}): Promise<Blob> =>
  ordered({ kind: "open", file, passphrase }, watching)

const magic = "age-encryption.org/v1\n"

/** Whether a file is sealed, by what it begins with. */
export const isSealed = async (file: Blob): Promise<boolean> =>
  await file.slice(0, magic.length).text().catch(() => "") === magic

/** The name of what lies in a sealed file. */
export const openedName = (name: string): string => name.replace(/\.age$/i, "")
