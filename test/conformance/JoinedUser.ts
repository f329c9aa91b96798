/** A person who has joined a node: an account that is one key, and a session of it on a key of the client's own. */
import { assert } from "vitest"
import type { NodeProcess } from "../e2e/NodeProcess.ts"
import { as, type Device, newClientKey, newDevice, signUp } from "./SigningClient.ts"

export type ClientKey = Awaited<ReturnType<typeof newClientKey>>

/** Whose calls they are, wherever the session came from. */
export interface Caller {
  readonly key: ClientKey
  readonly token: string
}

export interface User extends Caller, Device {
  readonly sessionId: string
}

/** Joins people, and makes their calls; `nodeOf` answers the node, once it runs. */
export const people = (nodeOf: () => NodeProcess) => ({
  join: async (handle: string): Promise<User> => {
    const [device, key] = [newDevice(), await newClientKey()]
    const up = await signUp(nodeOf(), device, key, handle)
    assert.strictEqual(up.status, 200, up.text)
    return { ...device, key, token: up.body.accessToken, sessionId: up.body.sessionId }
  },
  says: ({ key, token }: Caller, method: string, at: string, body?: object) =>
    as(nodeOf(), key, token, method, at, body)
})
