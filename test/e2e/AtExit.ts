/** What a process of tests must not leave behind when it exits, however its tests ended: one listener for all of it. */
const leftovers = new Set<() => void>()

process.once("exit", () => {
  for (const clear of leftovers) clear()
})

/** Clears this away at the exit, unless it is called off before. */
export const atExit = (clear: () => void): () => void => {
  leftovers.add(clear)
  return () => void leftovers.delete(clear)
}
