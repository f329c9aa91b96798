/**
 * A wire between a caller and a server that loses answers: the question arrives and is acted upon, what comes back is thrown away,
 * and the connection is gone. So a caller cannot know whether what it asked for happened.
 */
import * as net from "node:net"

export interface Wire {
  /** The address at the caller's end. */
  readonly port: number
  /** Loses the answers to so many of the questions that come next. */
  readonly lose: (answers: number) => void
  /** Answers lost so far. */
  readonly lost: () => number
  readonly cut: () => Promise<void>
}

export interface Protocol {
  /** Whether losing the answer to these bytes of a caller is wanted. */
  readonly isQuestion: (bytes: Buffer) => boolean
  /** Whether an answer is whole with the bytes that came last: then what was asked for has happened. */
  readonly isAnswered: (last: Buffer) => boolean
}

/** So many of the bytes that came last are looked at. */
const lastMax = 1_024

export const wireTo = async (port: number, { isAnswered, isQuestion }: Protocol): Promise<Wire> => {
  let toLose = 0
  let lost = 0
  const open = new Set<net.Socket>()
  const server = net.createServer((caller) => {
    const far = net.connect(port, "127.0.0.1")
    let losing = false
    let last = Buffer.alloc(0)
    const end = () => {
      caller.resetAndDestroy()
      far.destroy()
    }
    for (const socket of [caller, far]) {
      open.add(socket)
      socket.setNoDelay(true)
      socket.once("close", () => open.delete(socket))
      socket.on("error", end)
      socket.once("close", end)
    }
    caller.on("data", (bytes) => {
      if (!losing && toLose > 0 && isQuestion(bytes)) {
        losing = true
        toLose--
      }
      far.write(bytes)
    })
    far.on("data", (bytes) => {
      if (!losing) return void caller.write(bytes)
      last = Buffer.concat([last, bytes]).subarray(-lastMax)
      if (!isAnswered(last)) return
      lost++
      end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return {
    port: (server.address() as net.AddressInfo).port,
    lose: (answers) => {
      toLose += answers
    },
    lost: () => lost,
    cut: () => {
      for (const socket of open) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    }
  }
}
