/**
 * The line to a node: whether it is open, heard from the very sockets that are made for it.
 *
 * L1  Who waits for the line goes on as soon as a socket is open, and at once while one is.
 * L2  A socket that ends late says nothing of the one that took its place.
 */
import type * as Socket from "@effect/platform/Socket"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** Makes a WebSocket: the platform's own, or one that is listened to. */
export type Constructor = Context.Tag.Service<typeof Socket.WebSocketConstructor>

export interface Line {
  /** Makes the sockets this line hears of. */
  readonly constructor: Constructor
  /** Which socket it is on, counted from 1. */
  readonly socket: () => number
  /** Waits until the line is open, or given up. */
  readonly opened: Effect.Effect<void>
  /** Nobody will use the line any more: who still waits goes on. */
  readonly giveUp: Effect.Effect<void>
  readonly isGivenUp: () => boolean
}

export const make = (platform: Constructor, onConnection: (state: "open" | "lost") => void): Line => {
  let current: WebSocket | undefined
  let sockets = 0
  let isOpen = false
  let isGivenUp = false
  const waiting = new Set<() => void>()
  const goOn = () => {
    for (const resume of waiting) resume()
    waiting.clear()
  }
  return {
    constructor: (url, protocols) => {
      const socket = platform(url, protocols)
      current = socket
      sockets += 1
      isOpen = false
      socket.addEventListener("open", () => {
        if (socket !== current) return
        isOpen = true
        onConnection("open")
        goOn()
      })
      socket.addEventListener("close", () => {
        if (socket !== current) return
        isOpen = false
        onConnection("lost")
      })
      return socket
    },
    socket: () => sockets,
    opened: Effect.async<void>((resume) => {
      const done = () => resume(Effect.void)
      if (isOpen || isGivenUp) return done()
      waiting.add(done)
      return Effect.sync(() => waiting.delete(done))
    }),
    giveUp: Effect.sync(() => {
      isGivenUp = true
      goOn()
    }),
    isGivenUp: () => isGivenUp
  }
}
