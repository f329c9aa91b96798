/** What is being read of a conversation: the branch, the items on it, and whether hidden nodes are shown. */
import { createEffect, createMemo, createSignal, on, untrack } from "solid-js"
import type { Answer } from "../node/Calls.ts"
import { branchesOf, type Choices, choose, type Id, itemsOf, pathOf, treeOf } from "./Branches.ts"

export const createReading = (outline: () => Answer<"WatchConversation">, at: () => Id | undefined) => {
  const tree = createMemo(() => treeOf(outline().nodes))
  const [choices, setChoices] = createSignal<Choices>(new Map())
  const [all, setAll] = createSignal(false)
  const [openAsides, setOpenAsides] = createSignal<ReadonlySet<Id>>(new Set())
  const path = createMemo(() => pathOf(tree(), outline().leaf, choices()))
  const items = createMemo(() => itemsOf(tree(), path(), all()))
  const branches = createMemo(() => branchesOf(tree(), all()))
  const indexOf = (id: Id): number =>
    items().findIndex((item) => item.id === id || (item.kind === "aside" && item.ids.includes(id)))

  const openAside = (id: Id, open: boolean) =>
    setOpenAsides((asides) => {
      const next = new Set(asides)
      if (open) next.add(id)
      else next.delete(id)
      return next
    })
  /** Makes a message part of what is read, opening what hides it. */
  const show = (id: Id) => {
    const there = untrack(tree)
    if (!there.nodes.has(id)) return
    setChoices((choices) => choose(there, choices, id))
    const aside = untrack(items).find((item) => item.kind === "aside" && item.ids.includes(id))
    if (aside !== undefined) openAside(aside.id, true)
    else if (untrack(() => indexOf(id)) < 0) setAll(true)
  }
  createEffect(on(at, (id) => id !== undefined && show(id)))

  return {
    tree,
    path,
    items,
    branches,
    all,
    setAll,
    indexOf,
    show,
    isAsideOpen: (id: Id) => openAsides().has(id),
    openAside,
    /** Reads another version of a turn. */
    turnTo: (id: Id) => setChoices((choices) => choose(untrack(tree), choices, id))
  }
}

export type Reading = ReturnType<typeof createReading>
