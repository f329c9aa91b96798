/** A client at the doors of sign-in by a provider, so that it can also bring what is not its own. */
import { assert } from "vitest"
import type { NodeProcess } from "../e2e/NodeProcess.ts"
import { visitProvider } from "../e2e/ProviderProcess.ts"
import type { HostileProvider } from "./HostileProvider.ts"
import { as, type Device, newClientKey, newDevice, signUp, withProof } from "./SigningClient.ts"

type Key = Awaited<ReturnType<typeof newClientKey>>
export interface User extends Device {
  readonly key: Key
  readonly accessToken: string
  readonly sessionId: string
}
export interface World {
  readonly node: NodeProcess
  readonly hostile: HostileProvider
  readonly wrongName: HostileProvider
}

/** Whatever is wrong, it is answered so. */
export const uniform = { _tag: "NotSignedIn", message: "this does not show who you are" }

/** What clients do at these doors. */
export const doors = (node: NodeProcess) => {
  const visit = (provider: string) => ({ provider, origin: node.origin })
  const depart = (key: Key, provider: string, other: object = {}) =>
    withProof(node, key, "/sign-in/provider", { ...visit(provider), ...other })
  const comeBack = (key: Key, returned: object) => withProof(node, key, "/sign-in/provider/return", returned)
  /** What somebody brings back from the provider, as the web client hands it on. */
  const brought = async (departure: string, name: string, provider = "local") => {
    const back = await visitProvider(departure, name)
    const { code, iss, state } = Object.fromEntries(back.searchParams)
    return { ...visit(provider), code, state, iss }
  }
  const says = (user: Pick<User, "key" | "accessToken">, method: string, at: string, body?: object) =>
    as(node, user.key, user.accessToken, method, at, body)
  const join = async (handle: string): Promise<User> => {
    const [device, key] = [newDevice(), await newClientKey()]
    const up = await signUp(node, device, key, handle)
    assert.strictEqual(up.status, 200, up.text)
    return { ...device, key, ...up.body }
  }
  const beginLink = async (user: User, provider = "local"): Promise<string> => {
    const begun = await says(user, "POST", "/account/providers", visit(provider))
    assert.strictEqual(begun.status, 200, begun.text)
    return begun.body.url
  }
  const finishLink = (user: User, returned: object) => says(user, "POST", "/account/providers/return", returned)
  const link = async (user: User, name: string) => {
    const linked = await finishLink(user, await brought(await beginLink(user), name))
    assert.strictEqual(linked.status, 200, linked.text)
    return linked.body as { readonly meansId: string; readonly name: string }
  }
  const enter = async (name: string, key?: Key) => {
    const own = key ?? await newClientKey()
    const { body } = await depart(own, "local")
    const said = await comeBack(own, await brought(body.url, name))
    return { ...said, key: own, accessToken: said.body.accessToken as string }
  }
  return { visit, depart, comeBack, brought, says, join, beginLink, finishLink, link, enter }
}
