/** Several real processes of one node on a real PostgreSQL server, each with a door and a data folder of its own. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as path from "node:path"
import type pg from "pg"
import { newId } from "../conformance/Events.ts"
import { poolOn, serverPostgres } from "../conformance/ServerPostgres.ts"
import { freePort, type NodeProcess, startNode, temporary } from "../e2e/NodeProcess.ts"

/** Short, for tests wait for it; long enough for a machine that does much else meanwhile. */
export const takeOverMs = 15_000

export interface Company {
  readonly nodes: Array<NodeProcess>
  readonly database: pg.Pool
  readonly url: string
  /** One more process of the node; `env` on top of what all have. */
  readonly join: (env?: Readonly<Record<string, string>>) => Promise<NodeProcess>
  readonly end: () => Promise<void>
}

export const company = async (size: number): Promise<Company> => {
  const scope = Effect.runSync(Scope.make())
  const server = await Effect.runPromise(Scope.extend(serverPostgres, scope))
  const url = Redacted.value(await Effect.runPromise(server.newDatabase))
  const folder = temporary("company")
  const database = poolOn(url)
  const nodes: Array<NodeProcess> = []
  const join = async (env: Readonly<Record<string, string>> = {}) => {
    const node = await startNode({
      dataDir: path.join(folder, `process-${nodes.length + 1}`),
      env: {
        VIVIM_DATABASE_URL: url,
        VIVIM_KEYS_DIR: path.join(folder, "keys"),
        VIVIM_CLUSTER_ADDRESS: `127.0.0.1:${await freePort()}`,
        VIVIM_CLUSTER_TAKE_OVER_MAX: `${takeOverMs} millis`,
        ...env
      }
    })
    nodes.push(node)
    return node
  }
  const end = async () => {
    await Promise.all(nodes.map((node) => node.kill()))
    await database.end()
    await Effect.runPromise(Scope.close(scope, Exit.void))
  }
  try {
    for (let n = 0; n < size; n++) await join()
  } catch (error) {
    await end()
    throw error
  }
  return { nodes, database, url, join, end }
}

export interface Answer {
  readonly status: number
  readonly body: any
}

/** One call; a door that is not there answers with status 0. */
export const knock = async (
  node: NodeProcess,
  method: string,
  at: string,
  body?: object,
  as?: string
): Promise<Answer> => {
  try {
    const response = await fetch(`${node.origin}/api/v1${at}`, {
      method,
      headers: {
        authorization: `Bearer ${node.token()}`,
        "content-type": "application/json",
        ...as === undefined ? {} : { "vivim-as": as }
      },
      signal: AbortSignal.timeout(60_000),
      ...body === undefined ? {} : { body: JSON.stringify(body) }
    })
    const text = await response.text()
    return { status: response.status, body: text === "" ? null : JSON.parse(text) }
  } catch {
    return { status: 0, body: null }
  }
}

const isWeather = ({ status }: Answer) => status === 0 || status === 503 || status === 500

/** A client: it gives each command an id, and says it again, at the next door, until it is answered. */
export const insist = async (
  doors: () => ReadonlyArray<NodeProcess>,
  method: string,
  at: string,
  body: object,
  first = 0
): Promise<Answer & { readonly ms: number }> => {
  const commandId = newId()
  const since = performance.now()
  for (let n = first;; n++) {
    const open = doors()
    const answer = await knock(open[n % open.length]!, method, at, { ...body, commandId })
    if (!isWeather(answer)) return { ...answer, ms: performance.now() - since }
    if (performance.now() - since > 120_000) {
      throw new Error(`never answered: ${method} ${at} ${JSON.stringify(answer)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Asks again until the answer is as wished. */
export const until = async <A>(ask: () => Promise<A>, wished: (answer: A) => boolean, what: string): Promise<A> => {
  const end = performance.now() + 60_000
  for (;;) {
    const answer = await ask()
    if (wished(answer)) return answer
    if (performance.now() > end) throw new Error(`never came to be: ${what}; last was ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Shards by the address of the process that holds them. */
export const shards = async ({ database }: Company): Promise<ReadonlyMap<string, number>> =>
  new Map(
    (await database.query("select address, count(*)::int as n from vivim_locks group by 1 order by 1")).rows
      .map(({ address, n }) => [address, n])
  )
