/** How much text a message holds, in UTF-16 units, over all its blocks. */
import type { Block, Citation } from "@vivim/event-schemas/document/Message"

export type TextLength = number

const citedLength = (citations: ReadonlyArray<Citation>): TextLength =>
  citations.reduce((sum, { marker, title, url }) => sum + title.length + (url?.length ?? 0) + (marker?.length ?? 0), 0)

const lengthOf = (block: Block): TextLength => {
  switch (block._tag) {
    case "Text":
    case "ToolResult":
      return block.text.length + citedLength(block.citations)
    case "Code":
      return block.text.length
    case "Reasoning":
      return block.text.length + (block.summary?.length ?? 0)
    case "ToolCall":
      return block.input.length
    case "Attachment":
      return block.text?.length ?? 0
    case "Image":
      return block.alt?.length ?? 0
    case "Unknown":
      return block.json.length
  }
}

export const textLength = (blocks: ReadonlyArray<Block>): TextLength =>
  blocks.reduce((sum, block) => sum + lengthOf(block), 0)
