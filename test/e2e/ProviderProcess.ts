/** A real OpenID provider in a process of its own on the loopback (`oidc-provider`), and how a node is told of it. */
import { spawn } from "node:child_process"
import * as path from "node:path"
import { atExit } from "./AtExit.ts"

/** The switches of a node that knows the provider at this port. */
export const knowing = (port: number): Readonly<Record<string, string>> => ({
  VIVIM_PROVIDERS_PRIVATE: "true",
  VIVIM_PROVIDER_LOCAL_ISSUER: `http://127.0.0.1:${port}`,
  VIVIM_PROVIDER_LOCAL_CLIENT_ID: "vivim",
  VIVIM_PROVIDER_LOCAL_CLIENT_SECRET: "a secret of the provider and the node",
  VIVIM_PROVIDER_LOCAL_LABEL: "Local",
  VIVIM_PROVIDER_LOCAL_SCOPES: "openid email"
})

/** Starts it; answers how it is stopped. */
export const startProvider = (port: number, nodeOrigin: string): Promise<() => Promise<void>> =>
  new Promise((resolve, reject) => {
    const file = path.join(import.meta.dirname, "../conformance/OidcProviderChild.ts")
    const child = spawn(process.execPath, ["--import", "tsx", file, String(port), nodeOrigin], {
      stdio: ["ignore", "pipe", "pipe"]
    })
    const forget = atExit(() => child.kill("SIGKILL"))
    const ended = new Promise<void>((done) => child.once("exit", () => done()))
    child.once("exit", forget)
    let said = ""
    child.stderr.on("data", (chunk) => said += chunk)
    child.stdout.on("data", (chunk) => {
      if (String(chunk).includes("ready")) {
        resolve(() => {
          child.kill("SIGKILL")
          return ended
        })
      }
    })
    child.once("exit", (code) => reject(new Error(`the provider ended with ${code}:\n${said}`)))
  })

/** A person with a browser of the plainest kind at the provider: goes where they are sent, says who they are, and answers where they end. */
export const visitProvider = async (departure: string, name: string): Promise<URL> => {
  const cookies = new Map<string, string>()
  const step = async (url: URL, method: string, body?: string): Promise<{ readonly next: URL | null }> => {
    const response = await fetch(url, {
      method,
      redirect: "manual",
      headers: {
        cookie: [...cookies].map(([key, value]) => `${key}=${value}`).join("; "),
        ...body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }
      },
      ...body === undefined ? {} : { body }
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, key, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (key !== undefined && value !== undefined) cookies.set(key, value)
    }
    const location = response.headers.get("location")
    const text = await response.text()
    if (response.status >= 400) throw new Error(`the provider says ${response.status}: ${text}`)
    return { next: location === null ? null : new URL(location, url) }
  }
  let at = new URL(departure)
  const { origin } = at
  for (let n = 0; n < 10; n++) {
    const { next } = await step(at, "GET")
    at = next ?? (await step(at, "POST", String(new URLSearchParams({ name })))).next!
    if (at.origin !== origin) return at
  }
  throw new Error("the provider sends nobody back")
}
