/**
 * The sums of an import: what was found, and what became of it.
 *
 * S1  Every part is named once, in the order people ask for them, and parts that are nothing are still said.
 * S2  It adds up exactly when the parts make what was found; if not, the difference is said.
 */
import type { Answer } from "../node/Calls.ts"

export type Counts = Answer<"WatchImports">[number]["counts"]

export interface Sum {
  readonly of: "conversations" | "nodes"
  readonly found: number
  readonly parts: ReadonlyArray<{ readonly name: string; readonly count: number; readonly look: Look }>
  /** Found, less the parts: 0 when nothing is missing. */
  readonly missing: number
}

export type Look = "new" | "known" | "quiet" | "trouble"

const sum = (of: Sum["of"], found: number, parts: Sum["parts"]): Sum => ({
  of,
  found,
  parts,
  missing: found - parts.reduce((total, { count }) => total + count, 0)
})

export const sumsOf = ({ conversations, nodes }: Counts): readonly [Sum, Sum] => [
  sum("conversations", conversations.found, [
    { name: "imported", count: conversations.imported, look: "new" },
    { name: "merged", count: conversations.merged, look: "known" },
    { name: "empty", count: conversations.empty, look: "quiet" },
    { name: "quarantined", count: conversations.quarantined, look: "trouble" }
  ]),
  sum("nodes", nodes.found, [
    { name: "kept", count: nodes.kept, look: "new" },
    { name: "hidden", count: nodes.hidden, look: "quiet" },
    { name: "merged", count: nodes.merged, look: "known" },
    { name: "quarantined", count: nodes.quarantined, look: "trouble" }
  ])
]
