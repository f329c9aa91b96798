/** Seals and opens a file with age beside the page: what a passphrase costs is no stop of anything that is seen. A worker lives for one file. */
import * as AgeFile from "@vivim/client/account/AgeFile"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Answer, Order } from "./Age.ts"

const say = (answer: Answer): void => postMessage(answer)

/** It passes piece by piece; what comes out the browser keeps, on its disk where it is large. */
const work = async ({ file, kind, passphrase }: Order): Promise<Answer> => {
  const secret = { passphrase: Redacted.make(passphrase) }
  let bytes = 0
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform: (piece, controller) => {
      bytes += piece.length
      say({ bytes })
      controller.enqueue(piece)
    }
  })
  const come = (file.stream() as ReadableStream<Uint8Array>).pipeThrough(counting)
  const made = await Effect.runPromise(
    Effect.option(kind === "seal" ? AgeFile.seal(come, secret) : AgeFile.open(come, secret))
  )
  if (made._tag === "None") return { refused: "AgeRefused" }
  try {
    return { file: await new Response(made.value as ReadableStream<Uint8Array<ArrayBuffer>>).blob() }
  } catch {
    return { refused: "AgeBroken" }
  }
}

addEventListener("message", ({ data }: MessageEvent<Order>) => void work(data).then(say))
