/** Cuts a conversation's messages into chunks that fit one event each: bounded in messages and bytes, in the order of the tree. */
export interface ChunkLimits {
  readonly messagesMax: number
  readonly bytesMax: number
}

/** What a value weighs: its bytes and those of its texts, and enough for the names and numbers around them. A message is nowhere deep. */
const weigh = (value: unknown): number => {
  if (typeof value === "string") return 16 + Buffer.byteLength(value)
  if (value instanceof Uint8Array) return 16 + value.length
  if (typeof value !== "object" || value === null) return 16
  let sum = 16
  for (const part of Object.values(value)) sum += weigh(part)
  return sum
}

/** At least one chunk, also of no messages: an empty chunk still carries the conversation's head. A message is never cut. */
export const chunksOf = <M>(
  messages: ReadonlyArray<M>,
  limits: ChunkLimits
): ReadonlyArray<ReadonlyArray<M>> => {
  const chunks: Array<Array<M>> = [[]]
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
