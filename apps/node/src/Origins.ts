/** The origins a node is reached by: what challenges and proofs may name. One it does not know is somebody else's, whatever `Host` says. */
import type { NodeConfig } from "../../../effect.config.ts"

const bracketed = (host: string) => host.includes(":") ? `[${host}]` : host

export const of = ({ host, port, publicOrigin }: Pick<NodeConfig["node"], "host" | "port" | "publicOrigin">) => {
  const own = [host, "127.0.0.1", "localhost", "::1"].map((name) => `http://${bracketed(name)}:${port}`)
  const all = publicOrigin === "" ? own : [publicOrigin, ...own]
  return all as [string, ...Array<string>]
}
