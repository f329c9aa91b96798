/** A message as somebody types it: a text, and what it answers. */
import { createHash } from "node:crypto"

export const said = (id: string, text: string, parent: string | null = null, at: number | null = null) => ({
  id,
  parent,
  role: "user",
  author: null,
  model: null,
  at,
  hidden: null,
  blocks: [{ _tag: "Text", text, citations: [] }],
  hash: createHash("sha256").update(text).digest("hex")
})
