/** Backups that are cut off on their way: a stand-in answers where a node would, and the command line takes them. */
import { sampleRecords, written } from "@vivim/node/BackupSample"
import { type ChildProcess, spawn } from "node:child_process"
import * as fs from "node:fs"
import * as http from "node:http"
import type { AddressInfo } from "node:net"
import * as path from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { ensureBuilt } from "../../infra/build.ts"
import { type Ran, run, temporary } from "../e2e/NodeProcess.ts"

const built = ensureBuilt()
const bytes = written(sampleRecords())
const home = temporary("cut-off")
afterAll(() => fs.rmSync(home, { recursive: true, force: true }))

describe("a backup that does not come whole", () => {
  /** Stands where a node would, and answers a backup as told. */
  const standIn = async (answer: (response: http.ServerResponse) => void) => {
    const server = http.createServer((request, response) =>
      request.url === "/healthz" ? response.end("alive") : answer(response)
    )
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    const { port } = server.address() as AddressInfo
    const dataDir = fs.mkdtempSync(path.join(home, "stand-in-"))
    fs.writeFileSync(path.join(dataDir, "session.token"), "token", { mode: 0o600 })
    return {
      env: { VIVIM_DATA_DIR: dataDir, VIVIM_PORT: String(port) },
      end: () => {
        server.closeAllConnections()
        server.close()
      }
    }
  }
  const into = fs.mkdtempSync(path.join(home, "into-"))
  const target = path.join(into, "taken.backup")

  const taking = async (answer: (response: http.ServerResponse) => void): Promise<Ran> => {
    const node = await standIn(answer)
    try {
      return await run((await built).vivim, ["backup", target], node.env)
    } finally {
      node.end()
    }
  }

  it("leaves no file when the node refuses, breaks off, ends early or sends something else", async () => {
    const answers: Array<readonly [(response: http.ServerResponse) => void, number, RegExp]> = [
      [
        (response) =>
          response.writeHead(403, { "content-type": "application/json" }).end("{\"message\":\"not for you\"}"),
        2,
        /refuses: not for you/
      ],
      [(response) => response.writeHead(503).end(), 1, /cannot make a backup/],
      [(response) => response.end(bytes.subarray(0, 9_000)), 1, /cut off in record \d+/],
      [(response) => response.end("<html>"), 1, /not a backup/],
      [
        (response) => void response.write(bytes.subarray(0, 9_000), () => response.destroy()),
        1,
        /ended the backup early/
      ]
    ]
    for (const [answer, code, says] of answers) {
      const ran = await taking(answer)
      assert.strictEqual(ran.code, code, ran.stderr)
      assert.match(ran.stderr, says)
      assert.deepStrictEqual(fs.readdirSync(into), [])
    }
  })

  /** Taken so far that half of it is on the disk. */
  const halfway = async (then: (child: ChildProcess) => void): Promise<void> => {
    const node = await standIn((response) => void response.write(bytes.subarray(0, bytes.length >> 1)))
    const { vivim } = await built
    const child = spawn(process.execPath, [vivim, "backup", target], {
      env: { ...process.env, ...node.env },
      stdio: "ignore"
    })
    const gone = new Promise((resolve) => child.once("exit", resolve))
    while (!fs.existsSync(`${target}.part`) || fs.statSync(`${target}.part`).size < bytes.length >> 2) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.isFalse(fs.existsSync(target))
    then(child)
    await gone
    node.end()
  }

  it("leaves nothing when it is interrupted", async () => {
    await halfway((child) => child.kill("SIGINT"))
    assert.deepStrictEqual(fs.readdirSync(into), [])
  })

  it("leaves nothing that looks like a backup when it is killed, and the next one is not in its way", async () => {
    await halfway((child) => child.kill("SIGKILL"))
    assert.deepStrictEqual(fs.readdirSync(into), ["taken.backup.part"])
    assert.strictEqual(
      (await run((await built).vivim, ["restore", `${target}.part`, "--check"], {
        VIVIM_DATA_DIR: path.join(into, "none")
      })).code,
      2
    )
    const ran = await taking((response) => response.end(bytes))
    assert.strictEqual(ran.code, 0, ran.stderr)
    assert.deepStrictEqual(fs.readdirSync(into), ["taken.backup"])
  })
})
