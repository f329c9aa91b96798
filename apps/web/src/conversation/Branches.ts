/**
 * A conversation as a tree: which of its branches is read, what is shown of it, and where one may turn off.
 *
 * B1  The path read at first is the one the conversation ended on; where that says nothing, the newest at each fork.
 * B2  Hidden nodes are not turns: tools' and models' steps are gathered into asides between the turns, the rest is left
 *     out until everything is to be shown.
 * B3  At a fork the versions of a turn are those that can take its place, also when hidden steps lie between.
 * B4  Choosing a version changes nothing before it, and coming back to one comes back to all that was chosen behind it.
 * B5  Any message can be made part of the path, wherever in the tree it is.
 * B6  Every visible end of the tree is one branch, and each says after which turn it left the others.
 * B7  A tree that is not one (strangers for parents, circles) is read as far as it goes, and never for ever.
 */
import type { Answer } from "../node/Calls.ts"

export type OutlineNode = Answer<"WatchConversation">["nodes"][number]
export type Id = OutlineNode["id"]

export interface Tree {
  readonly nodes: ReadonlyMap<Id, OutlineNode>
  readonly children: ReadonlyMap<Id | null, ReadonlyArray<Id>>
}

/** Which child is read at each fork that has been chosen at; `null` stands above the roots. */
export type Choices = ReadonlyMap<Id | null, Id>

export type Item =
  | { readonly kind: "turn"; readonly id: Id; readonly versions: ReadonlyArray<Id> }
  | { readonly kind: "aside"; readonly id: Id; readonly ids: ReadonlyArray<Id> }

export const treeOf = (outline: ReadonlyArray<OutlineNode>): Tree => {
  const nodes = new Map(outline.map((node) => [node.id, node]))
  const children = new Map<Id | null, Array<Id>>()
  for (const { id, parent } of nodes.values()) {
    const above = parent !== null && parent !== id && nodes.has(parent) ? parent : null
    const siblings = children.get(above)
    if (siblings === undefined) children.set(above, [id])
    else siblings.push(id)
  }
  return { nodes, children }
}

const parentOf = (tree: Tree, id: Id): Id | null => {
  const parent = tree.nodes.get(id)?.parent ?? null
  return parent !== null && parent !== id && tree.nodes.has(parent) ? parent : null
}

/** From a root down to `id`. */
export const lineTo = (tree: Tree, id: Id): ReadonlyArray<Id> => {
  const line = new Set<Id>()
  for (let at: Id | null = tree.nodes.has(id) ? id : null; at !== null && !line.has(at); at = parentOf(tree, at)) {
    line.add(at)
  }
  return [...line].toReversed()
}

/** The path that is read, hidden nodes and all. */
export const pathOf = (tree: Tree, leaf: Id | null, choices: Choices): ReadonlyArray<Id> => {
  const ended = leaf === null ? [] : lineTo(tree, leaf)
  const onEnded = new Set(ended)
  const path = new Set<Id>()
  let above: Id | null = null
  for (;;) {
    const next: ReadonlyArray<Id> = tree.children.get(above) ?? []
    const chosen: Id | undefined = choices.get(above)
    const at: Id | undefined = chosen !== undefined && next.includes(chosen)
      ? chosen
      : next.find((id) => onEnded.has(id)) ?? next.at(-1)
    if (at === undefined || path.has(at)) return [...path]
    path.add(at)
    above = at
  }
}

/** Choices as before, but for the path now leading through `id`. */
export const choose = (tree: Tree, choices: Choices, id: Id): Choices => {
  const next = new Map(choices)
  let above: Id | null = null
  for (const at of lineTo(tree, id)) {
    next.set(above, at)
    above = at
  }
  return next
}

const isShown = (node: OutlineNode | undefined, all: boolean): boolean =>
  node !== undefined && (all || node.hidden === null)

/** The first shown nodes below `above`: through hidden ones, and no further. */
const shownBelow = (tree: Tree, above: Id | null, all: boolean): ReadonlyArray<Id> => {
  const found: Array<Id> = []
  const left = [...(tree.children.get(above) ?? [])].toReversed()
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (isShown(tree.nodes.get(id), all)) found.push(id)
    else left.push(...(tree.children.get(id) ?? []).toReversed())
  }
  return found
}

const isStep = (node: OutlineNode): boolean => node.role === "assistant" || node.role === "tool"

/** What is shown of a path, in reading order. */
export const itemsOf = (tree: Tree, path: ReadonlyArray<Id>, all: boolean): ReadonlyArray<Item> => {
  const items: Array<Item> = []
  let steps: Array<Id> = []
  let above: Id | null = null
  const endSteps = () => {
    if (steps.length > 0) items.push({ kind: "aside", id: steps[0]!, ids: steps })
    steps = []
  }
  for (const id of path) {
    const node = tree.nodes.get(id)!
    if (isShown(node, all)) {
      endSteps()
      items.push({ kind: "turn", id, versions: shownBelow(tree, above, all) })
      above = id
    } else if (isStep(node)) steps.push(id)
  }
  endSteps()
  return items
}

export interface Branch {
  /** Its last shown message. */
  readonly end: Id
  /** Its first message that no earlier branch has: where it left them. */
  readonly start: Id
  /** The message before `start`, or `null` for a branch that begins the conversation. */
  readonly after: Id | null
  /** Shown messages from `start` to `end`. */
  readonly turns: number
  /** How many forks lie above: how far to the side it is drawn. */
  readonly depth: number
}

/** All branches, in the order of the tree: the first child goes on, the others leave. */
export const branchesOf = (tree: Tree, all: boolean): ReadonlyArray<Branch> => {
  const branches: Array<Branch> = []
  const left: Array<{ start: Id; at: Id; after: Id | null; turns: number; depth: number }> = []
  const seen = new Set<Id>()
  const grow = (ids: ReadonlyArray<Id>, after: Id | null, depth: number) => {
    for (const id of ids.toReversed()) left.push({ start: id, at: id, after, turns: 1, depth })
  }
  grow(shownBelow(tree, null, all), null, 0)
  for (let now = left.pop(); now !== undefined; now = left.pop()) {
    if (seen.has(now.at)) continue
    seen.add(now.at)
    const [first, ...others] = shownBelow(tree, now.at, all)
    grow(others, now.at, now.depth + 1)
    if (first === undefined) {
      branches.push({ end: now.at, start: now.start, after: now.after, turns: now.turns, depth: now.depth })
    } else left.push({ ...now, at: first, turns: now.turns + 1 })
  }
  return branches
}
