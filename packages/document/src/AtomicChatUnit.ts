/**
 * The smallest pieces of a message that stand alone: what is shared, cited and kept, one by one.
 *
 * A1  The spans of a block's units hold every character of it that is not blank, exactly once.
 * A2  The same message always gives the same units, with the same ids.
 * A3  The same content has the same hash wherever it stands: in a fence or in a block of its own, in any Unicode form.
 * A4  Every kind of block leaves units of its own type; what this build does not know, too.
 */
import type { Block, Message } from "@vivim/event-schemas/document/Message"
import * as crypto from "node:crypto"
import * as MarkdownBlocks from "./MarkdownBlocks.ts"

export type UnitType =
  | MarkdownBlocks.MarkdownBlock["type"]
  | "reasoning"
  | "tool-call"
  | "tool-result"
  | "attachment"
  | "unknown"

export interface Unit {
  /** Stable: the message's id, the ordinal, and the beginning of the hash. */
  readonly id: string
  /** Counts the message's units from 0. */
  readonly ordinal: number
  /** Which of the message's blocks it lies in. */
  readonly block: number
  readonly type: UnitType
  /** The span in the block's text (see `textOf`), in UTF-16 units. */
  readonly start: number
  readonly end: number
  /** The content; of code only what stands between the fences. */
  readonly text: string
  readonly language: string | null
  /** SHA-256 over the type and the text in NFC, in hexadecimal. */
  readonly hash: string
}

/** What a block says, as one text: spans point into it, and search reads it. */
export const textOf = (block: Block): string => {
  switch (block._tag) {
    case "Text":
    case "Code":
    case "ToolResult":
      return block.text
    case "Reasoning":
      return block.text === "" ? block.summary ?? "" : block.text
    case "ToolCall":
      return block.input
    case "Image":
      return block.alt ?? block.name ?? block.source
    case "Attachment":
      return block.text ?? block.name ?? block.source
    case "Unknown":
      return block.json
  }
}

/** What all blocks but Text are: one unit each, however long. */
const typeOf = {
  Code: "code",
  Reasoning: "reasoning",
  ToolCall: "tool-call",
  ToolResult: "tool-result",
  Image: "image",
  Attachment: "attachment",
  Unknown: "unknown"
} as const satisfies Record<Exclude<Block["_tag"], "Text">, UnitType>

/** Below U+0300 every character is in NFC already. */
const beyondLatin = /[\u0300-\uffff]/

const hashOf = (type: UnitType, text: string): string =>
  crypto.hash("sha256", `${type}\n${beyondLatin.test(text) ? text.normalize("NFC") : text}`, "hex")

/** A message's units, in order. */
export const split = (message: Pick<Message, "id" | "blocks">): ReadonlyArray<Unit> => {
  const units: Array<Unit> = []
  const push = (block: number, type: UnitType, start: number, end: number, text: string, language: string | null) => {
    const hash = hashOf(type, text)
    const ordinal = units.length
    units.push({ id: unitId(message.id, ordinal, hash), ordinal, block, type, start, end, text, language, hash })
  }
  message.blocks.forEach((block, index) => {
    const text = textOf(block)
    if (block._tag !== "Text") {
      push(index, typeOf[block._tag], 0, text.length, text, block._tag === "Code" ? block.language : null)
      return
    }
    for (const { end, inner, language, start, type } of MarkdownBlocks.scan(text)) {
      push(index, type, start, end, inner ?? text.slice(start, end), language)
    }
  })
  return units
}

/** The id of a unit, for whoever kept only its parts. */
export const unitId = (messageId: string, ordinal: number, hash: string): string =>
  `${messageId}.${ordinal}.${hash.slice(0, 16)}`
