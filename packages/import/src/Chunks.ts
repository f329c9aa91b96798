/** Cuts a conversation's messages into chunks that fit one event each: bounded in messages and bytes, in the order of the tree. */
import type { Block, Message } from "@vivim/event-schemas/document/Message"

export interface ChunkLimits {
  readonly messagesMax: number
  readonly bytesMax: number
}

/** What a message weighs, roughly: its texts, in UTF-16 units. */
const weigh = ({ blocks }: Message): number => 256 + blocks.reduce((sum, block) => sum + weighBlock(block), 0)
const weighBlock = (block: Block): number =>
  Object.values(block).reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 16), 0)

/** At least one chunk, also of no messages: an empty chunk still carries the conversation's head. A message is never cut. */
export const chunksOf = (
  messages: ReadonlyArray<Message>,
  limits: ChunkLimits
): ReadonlyArray<ReadonlyArray<Message>> => {
  const chunks: Array<Array<Message>> = [[]]
  let bytes = 0
  for (const message of messages) {
    const weight = weigh(message)
    const last = chunks.at(-1)!
    if (last.length > 0 && (last.length >= limits.messagesMax || bytes + weight > limits.bytesMax)) {
      chunks.push([message])
      bytes = weight
    } else {
      last.push(message)
      bytes += weight
    }
  }
  return chunks
}
