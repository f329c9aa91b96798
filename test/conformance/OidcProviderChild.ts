/**
 * An OpenID provider in a process of its own, as an operator may run one beside the node: whoever types a name is that.
 *
 *   node --import tsx OidcProviderChild.ts <port> <origin of the node>
 */
import * as http from "node:http"
import { Provider } from "oidc-provider"

const [port, nodeOrigin] = process.argv.slice(2) as [string, string]
const issuer = `http://127.0.0.1:${port}`

const provider = new Provider(issuer, {
  clients: [{
    client_id: "vivim",
    client_secret: "a secret of the provider and the node",
    redirect_uris: [`${nodeOrigin}/sign-in/with/local`]
  }],
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  // Addresses stand in the ID token, as Google has it.
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  cookies: { keys: ["a key of the provider's own"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => Promise.resolve({ sub: id, email: `${id}@provider.example`, email_verified: true })
  }),
  ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 }
})

const page = `<!doctype html><html lang="en"><title>The provider</title><main><h1>Who are you?</h1>
<form method="post"><label>Name <input name="name"></label><button>Continue</button></form></main></html>`

const read = async (request: http.IncomingMessage): Promise<string> => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** Whoever says a name is signed in as that, and lets the client know what it asks for. */
const interact = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
  if (request.method !== "POST") return void response.writeHead(200, { "content-type": "text/html" }).end(page)
  const accountId = new URLSearchParams(await read(request)).get("name") ?? ""
  const { params } = await provider.interactionDetails(request, response)
  const grant = new provider.Grant({ accountId, clientId: String(params["client_id"]) })
  grant.addOIDCScope(String(params["scope"]))
  await provider.interactionFinished(request, response, {
    login: { accountId },
    consent: { grantId: await grant.save() }
  })
}

const answer = provider.callback()
http.createServer((request, response) => {
  if (request.url === "/favicon.ico") response.writeHead(204).end()
  else if (request.url?.startsWith("/interaction/") === true) {
    interact(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  } else void answer(request, response)
}).listen(Number(port), "127.0.0.1", () => console.log("ready"))
