/** Everything of the account as a file of this browser: fetched as the node makes it, sealed here where a passphrase is given, and saved. */
import { seal } from "../age/Age.ts"
import { Refused } from "../node/Calls.ts"
import { fetchFromNode, overcome } from "../node/Node.ts"

export interface Wanted {
  /** Empty: whoever has the file reads it. The node does not hear of it. */
  readonly passphrase: string
  readonly signal: AbortSignal
  /** Told how many bytes have come. */
  readonly onBytes: (bytes: number) => void
}

const path = "/api/v1/account/export"

/** Asks, and once more when what stood in the way is out of it. */
const asked = async (signal: AbortSignal, isSecond = false): Promise<Response> => {
  const response = await fetchFromNode(path, { signal, cache: "no-store" })
  if (response.ok) return response
  const refusal = await response.json() as { readonly _tag: string }
  if (!isSecond && await overcome(refusal)) return await asked(signal, true)
  throw new Refused(refusal)
}

const counted = (onBytes: Wanted["onBytes"]) => {
  let bytes = 0
  return new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      bytes += chunk.length
      onBytes(bytes)
      controller.enqueue(chunk)
    }
  })
}

const nameIn = (response: Response): string =>
  /filename="([A-Za-z0-9._-]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "vivim.zip"

/** The browser keeps what comes on its disk where it is large; it is given to its owner when it is whole. A sealed one lies there twice for a moment. */
export const exportAccount = async ({ onBytes, passphrase, signal }: Wanted): Promise<string> => {
  const response = await asked(signal)
  const bytes = response.body!.pipeThrough(counted(onBytes) as TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>)
  const plain = await new Response(bytes).blob()
  const blob = passphrase === "" ? plain : await seal(plain, passphrase, { signal })
  const name = passphrase === "" ? nameIn(response) : `${nameIn(response)}.age`
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([blob], { type: "application/octet-stream" }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  return name
}
