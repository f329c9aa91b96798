/**
 * A conversation as a page of Markdown for people: its title, its dates, and who said what, on the path the product shows last.
 *
 * P1  A page has every word of every block that is shown, and names the files that lie beside it by their hashes.
 */
import { places } from "@vivim/contract/AccountFile"
import type { Block, Message } from "@vivim/event-schemas/document/Message"
import * as DateTime from "effect/DateTime"
import type { Shown } from "./OwnConversations.ts"

const speakers: Readonly<Record<Message["role"], string>> = {
  user: "You",
  assistant: "Assistant",
  system: "System",
  tool: "Tool"
}

const day = (at: number | null) => at === null ? "" : DateTime.formatIsoDateUtc(DateTime.unsafeMake(at))
const moment = (at: number | null) =>
  at === null ? "" : ` · ${DateTime.formatIso(DateTime.unsafeMake(at)).slice(0, 16).replace("T", " ")} UTC`

/** Longer than any run of the same mark inside. */
const fenced = (text: string, language = "") => {
  // One by one: a text may have more runs than a call takes arguments.
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2)
  const fence = "`".repeat(longest + 1)
  return `${fence}${language}\n${text}\n${fence}`
}

const quoted = (text: string) => text.split("\n").map((line) => `> ${line}`).join("\n")
const file = (name: string | null, hash: string | undefined) =>
  hash === undefined
    ? `[${name ?? "a file"}: not in the export]`
    : `[${name ?? "a file"}](../${places.contents}${hash})`

const blockText = (block: Block): string => {
  switch (block._tag) {
    case "Text":
      return block.text
    case "Code":
      return fenced(block.text, block.language ?? "")
    case "Reasoning":
      return quoted([block.summary, block.text].filter((words) => words).join("\n\n"))
    case "ToolCall":
      return `**${block.name}**\n\n${fenced(block.input)}`
    case "ToolResult":
      return `**${block.name ?? "result"}**\n\n${fenced(block.text)}`
    case "Image":
      return `!${file(block.alt ?? block.name, block.content?.hash)}`
    case "Attachment":
      return [file(block.name, block.content?.hash), ...block.text ? [fenced(block.text)] : []].join("\n\n")
    case "Unknown":
      return fenced(block.json, "json")
  }
}

export const page = ({ elsewhere, messages, summary }: Shown): string => {
  const about = [summary.provider, summary.model, day(summary.createdAt), ...summary.tags.map((tag) => `#${tag}`)]
  const said = messages.map(({ at, blocks, role }) =>
    [`## ${speakers[role]}${moment(at)}`, ...blocks.map(blockText)].join("\n\n")
  )
  const more = elsewhere === 0
    ? []
    : [`*${elsewhere} more messages, hidden or on other branches, are in ${places.conversations}.*`]
  return `${
    [`# ${summary.title || "Untitled"}`, about.filter((word) => word).join(" · "), ...said, ...more].join("\n\n")
  }\n`
}

const nameMax = 60

/** A name a person finds it by, and no other page has. */
export const nameOf = ({ createdAt, documentId, title }: Shown["summary"]): string => {
  const words = title.normalize("NFC").replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-+|-+$/g, "")
  const short = [...words].slice(0, nameMax).join("").replace(/-+$/, "")
  const parts = [
    day(createdAt) || "undated",
    short || "untitled",
    documentId.replaceAll(/[^A-Za-z0-9-]/g, "").slice(-40)
  ]
  return `${places.markdown}${parts.join("-")}.md`
}
