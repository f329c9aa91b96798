/**
 * The threshold: the HTTP server under the doors. They are hung in it after it listens, and taken out before it closes: whoever comes between is told
 * to come again, for a request that nobody answers would hold its caller, and hold the node from ending.
 *
 * D1  Before the doors are open, and once they are closed, every request is answered at once, also on a connection that was there before.
 */
import { createServer, type Server } from "node:http"

const away = JSON.stringify({ _tag: "Unavailable", message: "The node is starting or stopping.", retryAfterMs: 1_000 })

export const make = (): Server => {
  const server = createServer()
  server.on("request", (_, response) => {
    // Behind this one stand the doors, when they are open.
    if (server.listenerCount("request") > 1) return
    response.writeHead(503, { "content-type": "application/json", "retry-after": "1", connection: "close" }).end(away)
  })
  return server
}
