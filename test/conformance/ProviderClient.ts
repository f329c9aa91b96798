/** A client at the doors of sign-in by a provider, so that it can also bring what is not its own. */
import { assert } from "vitest"
import type { NodeProcess } from "../e2e/NodeProcess.ts"
import { visitProvider } from "../e2e/ProviderProcess.ts"
import type { HostileProvider } from "./HostileProvider.ts"
import { type ClientKey, people, type User } from "./JoinedUser.ts"
import { newClientKey, withProof } from "./SigningClient.ts"

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
  const depart = (key: ClientKey, provider: string, other: object = {}) =>
    withProof(node, key, "/sign-in/provider", { ...visit(provider), ...other })
  const comeBack = (key: ClientKey, returned: object) => withProof(node, key, "/sign-in/provider/return", returned)
  /** What somebody brings back from the provider, as the web client hands it on. */
  const brought = async (departure: string, name: string, provider = "local") => {
    const back = await visitProvider(departure, name)
    const { code, iss, state } = Object.fromEntries(back.searchParams)
    return { ...visit(provider), code, state, iss }
  }
  const { join, says } = people(() => node)
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
  const enter = async (name: string, key?: ClientKey) => {
    const own = key ?? await newClientKey()
    const { body } = await depart(own, "local")
    const said = await comeBack(own, await brought(body.url, name))
    return { ...said, key: own, token: said.body.accessToken as string }
  }
  return { visit, depart, comeBack, brought, says, join, beginLink, finishLink, link, enter }
}
