/** Trees that contradict themselves. */
import * as FastCheck from "effect/FastCheck"
import { assert, describe, it } from "vitest"
import { arrange, type TreeNode } from "./Tree.ts"

const node = (id: string, parent: string | null = null, children = "", at: number | null = null): TreeNode => ({
  id,
  parent,
  children: [...children],
  at
})

const order = (nodes: ReadonlyArray<TreeNode>) => arrange(nodes).order.map((index) => nodes[index]!.id).join("")

/** Few names, so that circles, strangers and claims on the same child all happen. */
const wild = FastCheck.uniqueArray(
  FastCheck.record({
    id: FastCheck.constantFrom(..."abcdefgh"),
    parent: FastCheck.constantFrom(null, ..."abcdefghxy"),
    children: FastCheck.array(FastCheck.constantFrom(..."abcdefghxy"), { maxLength: 4 }),
    at: FastCheck.constantFrom(null, 1, 2, 3)
  }),
  { selector: ({ id }) => id }
)

describe("Tree", () => {
  it("T1 every node stands once, parents before children", () => {
    FastCheck.assert(
      FastCheck.property(wild, (nodes) => {
        const { depths, order, parents } = arrange(nodes)
        assert.deepStrictEqual(order.toSorted((a, b) => a - b), nodes.map((_, i) => i))
        const place = new Map(order.map((index, at) => [index, at]))
        nodes.forEach((_, index) => {
          const parent = parents[index]!
          assert.strictEqual(depths[index], parent === -1 ? 1 : depths[parent]! + 1)
          if (parent !== -1) assert.isBelow(place.get(parent)!, place.get(index)!)
        })
      }),
      { numRuns: 2_000 }
    )
  })

  it("T1 siblings stand as their parent lists them, then the unlisted by time", () => {
    assert.strictEqual(order([node("r", null, "ba"), node("a", "r"), node("b", "r")]), "rba")
    assert.strictEqual(
      order([node("r", null, "c"), node("a", "r", "", 9), node("b", "r", "", 3), node("c", "r"), node("d", "r")]),
      "rcbad"
    )
  })

  it("T2 a parent pointer wins over a child list, and a child list over nothing", () => {
    assert.strictEqual(order([node("r", null, "ab"), node("a", "r", "c"), node("b", "r"), node("c", "b")]), "rabc")
    const tree = arrange([node("r", null, "a"), node("a"), node("b", "gone"), node("c", null, "b")])
    assert.deepStrictEqual([...tree.parents], [-1, 0, 3, -1])
    assert.deepStrictEqual([tree.adopted, tree.orphans], [2, 0])
  })

  it("T3 a node with a stranger for a parent is a further root", () => {
    const tree = arrange([node("r", null, "a"), node("a", "r"), node("o", "gone", "p"), node("p", "o")])
    assert.deepStrictEqual([...tree.parents], [-1, 0, -1, 2])
    assert.strictEqual(tree.orphans, 1)
  })

  it("T3 a circle is cut at its first node", () => {
    const tree = arrange([
      node("r"),
      node("b", "c", "a"),
      node("a", "b", "c"),
      node("c", "a", "b"),
      node("t", "c"),
      node("s", "s")
    ])
    assert.strictEqual(tree.circles, 2, "its own parent is a circle of one")
    assert.deepStrictEqual([...tree.parents], [-1, -1, 1, 2, 3, -1])
  })

  it("T4 a thread of 200,000 nodes is walked", () => {
    const nodes = Array.from({ length: 200_000 }, (_, i) => node(String(i), i === 0 ? null : String(i - 1)))
    const { depths, order } = arrange(nodes.toReversed())
    assert.strictEqual(order.length, 200_000)
    assert.strictEqual(Math.max(...[depths[0]!, depths.at(-1)!]), 200_000)
    const ring = nodes.map((each, i) => i === 0 ? { ...each, parent: "199999" } : each)
    assert.strictEqual(arrange(ring).circles, 1)
  })
})
