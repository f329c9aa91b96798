/**
 * Loaded into a node that `npm start` launched, before the node itself.
 *
 * One Ctrl-C arrives here up to three times: from the terminal, from npm, and from infra/start.ts. The first lets the node
 * close its doors and its database; those that follow at once are the same wish, a later one is impatience and ends it.
 * When the launcher itself is gone, however it went, the node closes as well instead of staying behind unseen.
 */
const sameWishMs = 1_000
let firstAt

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    const now = performance.now()
    if (firstAt === undefined) {
      firstAt = now
      // The node listens for the other two.
      if (signal === "SIGHUP") process.kill(process.pid, "SIGTERM")
    } else if (now - firstAt > sameWishMs) process.exit(130)
  })
}

process.on("disconnect", () => process.kill(process.pid, "SIGTERM"))
process.channel?.unref()
