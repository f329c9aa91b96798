/** A process that is stopped, and stays stopped, in the middle of sending a round: others go on after a while, and nothing is half there. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { type ChildProcess, spawn } from "node:child_process"
import * as net from "node:net"
import * as path from "node:path"
import { assert, describe } from "vitest"
import { all, answer, event, events, newId } from "../conformance/Events.ts"
import { noServer } from "../conformance/ServerPostgres.ts"
import { onServer, open, type Url } from "../conformance/StoresOnServer.ts"

/** A way to the server that is so slow in the middle of a round that it stands still: after so many bytes of it. */
const slowWay = (url: Url, bytesMax: number) =>
  Effect.acquireRelease(
    Effect.async<{ readonly url: Url; readonly standing: Promise<void>; readonly close: () => void }>((resume) => {
      const sockets: Array<net.Socket> = []
      let stands = () => {}
      const standing = new Promise<void>((resolve) => {
        stands = resolve
      })
      const proxy = net.createServer((caller) => {
        const far = net.connect(Number(new URL(Redacted.value(url)).port), "127.0.0.1")
        sockets.push(caller, far)
        caller.on("data", (bytes) => {
          far.write(bytes.subarray(0, bytesMax))
          if (bytes.length <= bytesMax) return
          caller.pause()
          stands()
        })
        far.pipe(caller)
        for (const socket of [caller, far]) {
          socket.on("error", () => {}).on("close", () => [caller.destroy(), far.destroy()])
        }
      })
      proxy.listen(0, "127.0.0.1", () => {
        const through = new URL(Redacted.value(url))
        through.port = String((proxy.address() as net.AddressInfo).port)
        const close = () => {
          proxy.close()
          for (const socket of sockets) socket.destroy()
        }
        resume(Effect.succeed({ url: Redacted.make(through.href), standing, close }))
      })
    }),
    ({ close }) => Effect.sync(close)
  )

const child = (url: Url, id: string) =>
  Effect.acquireRelease(
    Effect.sync(() =>
      spawn(process.execPath, [
        "--import",
        "tsx",
        path.join(import.meta.dirname, "StoppedChild.ts"),
        Redacted.value(url),
        id
      ], {
        stdio: ["pipe", "pipe", "inherit"]
      })
    ),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

const said = ({ stdout }: ChildProcess) =>
  Effect.promise(() =>
    new Promise<string>((resolve) => stdout!.once("data", (bytes) => resolve(String(bytes).split("\n")[0]!)))
  )

// Without the system's PostgreSQL programs there is no server to test on.
describe.skipIf(noServer !== null)("a process stopped in the middle of sending", () => {
  const test = onServer()

  test(
    "U3 holds the log until others have waited in vain, then they go on; of its round nothing is there",
    (url) =>
      Effect.gen(function*() {
        const store = yield* open(url, { patience: { statementMs: 4_000, silentMs: 2_000 } })
        yield* store.append("tea/1", 0, events(1))
        const way = yield* slowWay(url, 60_000)
        const id = newId()
        const stopped = yield* child(way.url, id)
        assert.strictEqual(yield* said(stopped), "open")
        stopped.stdin!.write("go\n")
        yield* Effect.promise(() => way.standing)
        stopped.kill("SIGSTOP")
        const same = [event()] as const
        const begun = performance.now()
        assert.strictEqual(yield* answer(store.append("tea/1", 1, same)), "EventStoreError")
        const appended = yield* store.append("tea/1", 1, same)
        assert.isBelow(performance.now() - begun, 20_000)
        assert.deepInclude(appended, { firstVersion: 2, firstPosition: 3, duplicate: false })
        const told = said(stopped)
        stopped.kill("SIGCONT")
        assert.strictEqual(yield* told, "EventStoreError", "it does not know what became of its round")
        assert.isNull(yield* store.find(id))
        assert.deepStrictEqual((yield* all(store.readAll(0))).map(({ stream }) => stream), [
          "tea/1",
          "tea/child",
          "tea/1"
        ])
      }),
    90_000
  )
})
