/**
 * The tree of a conversation, from nodes that name their parents and children and may be wrong about both.
 *
 * T1  Every node stands in the order exactly once, a parent before its children, siblings as their parent lists them.
 * T2  A parent pointer wins over a child list; a node without a usable pointer goes where a child list puts it.
 * T3  A node whose parent is nowhere becomes a further root; a circle is cut at its first node. Both are counted.
 * T4  A thread of any depth is walked without recursion.
 */

export interface TreeNode {
  readonly id: string
  /** As the file says; null and absent are the same. */
  readonly parent: string | null
  readonly children: ReadonlyArray<string>
  readonly at: number | null
}

export interface Tree {
  /** Indexes of the nodes, parents first. */
  readonly order: ReadonlyArray<number>
  /** For every node its parent's index, or -1. */
  readonly parents: Int32Array
  /** For every node how far below its root it stands. */
  readonly depths: Int32Array
  /** Nodes whose parent is not in the file. */
  readonly orphans: number
  /** Circles that were cut. */
  readonly circles: number
  /** Nodes whose place only a child list told. */
  readonly adopted: number
}

/** Puts every node in its place. Ids are unique. */
export const arrange = (nodes: ReadonlyArray<TreeNode>): Tree => {
  const indexById = new Map(nodes.map((node, index) => [node.id, index]))
  const { adopted, orphans, parents } = findParents(nodes, indexById)
  const circles = cutCircles(parents)
  const { depths, order } = walk(parents, siblings(nodes, indexById, parents))
  return { order, parents, depths, orphans, circles, adopted }
}

const findParents = (nodes: ReadonlyArray<TreeNode>, indexById: ReadonlyMap<string, number>) => {
  const listedBy = new Int32Array(nodes.length).fill(-1)
  nodes.forEach((node, index) => {
    for (const child of node.children) {
      const at = indexById.get(child)
      if (at !== undefined && at !== index && listedBy[at] === -1) listedBy[at] = index
    }
  })
  let orphans = 0
  let adopted = 0
  const parents = Int32Array.from(nodes, (node, index) => {
    const named = node.parent === null ? undefined : indexById.get(node.parent)
    if (named !== undefined && (named !== index || listedBy[index] === -1)) return named
    if (listedBy[index] !== -1) adopted++
    else if (node.parent !== null) orphans++
    return listedBy[index]!
  })
  return { parents, orphans, adopted }
}

/** Follows every parent chain once; the first node of a circle, as the file lists them, becomes a root. */
const cutCircles = (parents: Int32Array): number => {
  const seenFrom = new Int32Array(parents.length).fill(-1)
  let circles = 0
  for (let start = 0; start < parents.length; start++) {
    let at = start
    while (at !== -1 && seenFrom[at] === -1) {
      seenFrom[at] = start
      at = parents[at]!
    }
    if (at === -1 || seenFrom[at] !== start) continue
    let first = at
    for (let next = parents[at]!; next !== at; next = parents[next]!) first = Math.min(first, next)
    parents[first] = -1
    circles++
  }
  return circles
}

/** For every node (and for the roots, at -1) its children: as listed first, then the unlisted by time and place in the file. */
const siblings = (
  nodes: ReadonlyArray<TreeNode>,
  indexById: ReadonlyMap<string, number>,
  parents: Int32Array
): ReadonlyMap<number, ReadonlyArray<number>> => {
  const children = new Map<number, Array<number>>()
  parents.forEach((parent, index) => {
    const known = children.get(parent)
    if (known === undefined) children.set(parent, [index])
    else known.push(index)
  })
  for (const [parent, indexes] of children) {
    if (indexes.length === 1) continue
    const rank = new Map<number, number>()
    nodes[parent]?.children.forEach((id, place) => {
      const at = indexById.get(id)
      if (at !== undefined && !rank.has(at)) rank.set(at, place)
    })
    indexes.sort((a, b) =>
      (rank.get(a) ?? Infinity) - (rank.get(b) ?? Infinity) || byTime(nodes[a]!, nodes[b]!) || a - b
    )
  }
  return children
}

/** The undated come last; among themselves they answer NaN, which is no order either. */
const byTime = (a: TreeNode, b: TreeNode): number => (a.at ?? Infinity) - (b.at ?? Infinity)

const walk = (parents: Int32Array, children: ReadonlyMap<number, ReadonlyArray<number>>) => {
  const order: Array<number> = []
  const depths = new Int32Array(parents.length)
  const open = (children.get(-1) ?? []).toReversed()
  while (open.length > 0) {
    const index = open.pop()!
    order.push(index)
    const parent = parents[index]!
    depths[index] = parent === -1 ? 1 : depths[parent]! + 1
    const below = children.get(index) ?? []
    for (let i = below.length - 1; i >= 0; i--) open.push(below[i]!)
  }
  return { order, depths }
}
