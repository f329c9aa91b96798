/**
 * What hidden steps were, in a few words, from what the outline says of them.
 *
 * E1  Thinking and each tool that was used are named once, in the order they came; what says nothing of itself is counted.
 */
import { count, counted } from "../ui/Counts.ts"
import type { OutlineNode } from "./Branches.ts"

/** Why a product hides a step tells what the step was. */
const toolOf = (hidden: string | null): string | undefined => /^recipient (.+)$/.exec(hidden ?? "")?.[1]

export const stepsInWords = (steps: ReadonlyArray<OutlineNode>): string => {
  const tools = [...new Set(steps.flatMap(({ hidden }) => toolOf(hidden) ?? []))]
  const words = [
    ...(steps.some(({ hidden }) => hidden === "reasoning") ? ["thought"] : []),
    ...(tools.length > 0 ? [`used ${tools.join(", ")}`] : [])
  ].join(", ")
  if (words === "") return counted(steps.length, "hidden step")
  return `${words[0]!.toUpperCase()}${words.slice(1)}${steps.length > 1 ? ` (${count(steps.length)} steps)` : ""}`
}
