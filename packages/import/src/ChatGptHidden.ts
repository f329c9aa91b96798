/**
 * Why a node of ChatGPT's tree is not a turn of the conversation, or null when it is one.
 *
 * V1  Each rule of the export hides by its own reason; what none of them hides is a turn: something a person or the model said.
 */
import { type JsonObject, member, textOf, wordsOf } from "./Json.ts"

const CONTENT: ReadonlyMap<string, string> = new Map([
  ["thoughts", "reasoning"],
  ["reasoning_recap", "reasoning"],
  ["user_editable_context", "user context"],
  ["model_editable_context", "model context"]
])

/** `null` for a node without a message: it only holds the tree together. */
export const hiddenBecause = (message: JsonObject | null): string | null => {
  if (message === null) return "structure"
  const content = CONTENT.get(textOf(member(message["content"], "content_type")) ?? "")
  if (content !== undefined) return content
  const role = textOf(member(message["author"], "role"))
  if (role !== "user" && role !== "assistant") return role === "tool" || role === "system" ? role : "author unknown"
  if (member(message["metadata"], "is_visually_hidden_from_conversation") === true) return "visually hidden"
  if (message["weight"] === 0) return "weight 0"
  const recipient = wordsOf(message["recipient"]) ?? "all"
  return role === "assistant" && recipient !== "all" ? `recipient ${recipient.slice(0, 100)}` : null
}

/** The author's role in normal form. */
export const roleOf = (message: JsonObject | null): "user" | "assistant" | "system" | "tool" => {
  const role = textOf(member(message?.["author"], "role"))
  return role === "user" || role === "assistant" || role === "tool" ? role : "system"
}
