/** Import receipts for people: the sums on two lines, and every item that is not simply imported. */
import type { ImportItem, ImportReceipt } from "@vivim/contract/ImportReceipt"

const add = <A extends Readonly<Record<string, number>>>(a: A, b: A): A =>
  Object.fromEntries(Object.entries(a).map(([name, value]) => [name, value + (b[name] ?? 0)])) as A

/** One receipt over several files. */
export const merge = (receipts: ReadonlyArray<ImportReceipt>): ImportReceipt =>
  receipts.reduce((all, one) => ({
    format: all.format === one.format
      ? all.format
      : [...new Set([...all.format.split("+"), ...one.format.split("+")])].join("+"),
    conversations: add(all.conversations, one.conversations),
    nodes: add(all.nodes, one.nodes),
    items: [...all.items, ...one.items]
  }))

const line = ({ id, reason, status, title }: ImportItem) =>
  `  ${status.padEnd(11)} ${title ?? id}${reason === null ? "" : `: ${reason}`}`

const Shown = 50

export const page = ({ conversations: c, format, items, nodes: n }: ImportReceipt): string => {
  const remarkable = items.filter(({ reason, status }) => status !== "imported" || reason !== null)
  return [
    `Imported ${format}.`,
    `Conversations: ${c.found} found = ${c.imported} imported + ${c.merged} merged + ${c.empty} empty + ${c.quarantined} quarantined`,
    `Nodes: ${n.found} found = ${n.kept} kept + ${n.hidden} hidden + ${n.merged} merged + ${n.quarantined} quarantined`,
    ...remarkable.slice(0, Shown).map(line),
    ...remarkable.length > Shown ? [`  … and ${remarkable.length - Shown} more; --json prints them all`] : []
  ].join("\n")
}
