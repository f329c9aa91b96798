/** The content of messages, read when they come near, a batch at a time, and read again when they have changed. */
import { type Accessor, createSignal, onCleanup, type Setter } from "solid-js"
import type { Answer, Payload } from "../node/Calls.ts"
import { ask } from "../node/Node.ts"
import { messagesOf } from "../sealed/Sealed.ts"
import type { Id, OutlineNode } from "./Branches.ts"

export type Message = Answer<"ReadMessages">[number]
export type Block = Message["blocks"][number]

interface Slot {
  readonly get: Accessor<Message | undefined>
  readonly set: Setter<Message | undefined>
  /** The hash that was asked for last. */
  asked: string | undefined
}

/** The node takes no more ids in one question. */
const idsMax = 500

export const createMessages = (
  documentId: Payload<"ReadMessages">["documentId"],
  node: (id: Id) => OutlineNode | undefined
) => {
  const slots = new Map<Id, Slot>()
  const wanted = new Set<Id>()
  const [failed, setFailed] = createSignal(false)
  const leaving = new AbortController()
  onCleanup(() => leaving.abort())

  const slot = (id: Id): Slot => {
    const known = slots.get(id)
    if (known !== undefined) return known
    const [get, set] = createSignal<Message>()
    const fresh: Slot = { get, set, asked: undefined }
    slots.set(id, fresh)
    return fresh
  }
  const readWanted = async () => {
    const ids = [...wanted].slice(0, idsMax)
    wanted.clear()
    try {
      const messages = messagesOf(documentId, ids) ??
        await ask("ReadMessages", { documentId, ids }, leaving.signal)
      for (const message of messages) slot(message.id).set(() => message)
      setFailed(false)
    } catch {
      if (leaving.signal.aborted) return
      for (const id of ids) slot(id).asked = undefined
      setFailed(true)
    }
  }
  /** Asks for what is not known as it is now. All that is wanted in one turn of the page is asked for at once. */
  const want = (ids: Iterable<Id>) => {
    const before = wanted.size
    for (const id of ids) {
      const hash = node(id)?.hash
      const known = slot(id)
      if (hash === undefined || known.asked === hash) continue
      known.asked = hash
      wanted.add(id)
    }
    if (before === 0 && wanted.size > 0) queueMicrotask(() => void readWanted())
  }
  return { message: (id: Id) => slot(id).get(), want, failed }
}

export type Messages = ReturnType<typeof createMessages>

/** The text of a message as its writer wrote it, to be copied. */
export const plainText = (message: Message): string =>
  message.blocks.flatMap((block) => {
    if (block._tag === "Text") return [block.text]
    if (block._tag === "Code") return [`\`\`\`${block.language ?? ""}\n${block.text}\n\`\`\``]
    return []
  }).join("\n\n")
