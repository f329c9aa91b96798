/** What an operator may name a provider by, and what they are told where they may not. */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { assert, describe, it } from "vitest"
import { NodeConfig } from "../../../effect.config.ts"
import { named } from "./NamedProviders.ts"

const google = {
  VIVIM_PROVIDER_GOOGLE_ISSUER: "https://accounts.google.com",
  VIVIM_PROVIDER_GOOGLE_CLIENT_ID: "x"
}

const read = (env: Readonly<Record<string, string>>) =>
  Effect.runPromise(
    Effect.either(Effect.flatMap(NodeConfig, named)).pipe(
      Effect.withConfigProvider(
        ConfigProvider.fromMap(new Map(Object.entries(env)), { pathDelim: "_", seqDelim: "," })
      )
    )
  )

const refusal = async (env: Readonly<Record<string, string>>) => {
  const answer = await read({ ...google, ...env })
  return answer._tag === "Left" && answer.left._tag === "ProviderUnusable" ? answer.left.message : "none"
}

describe("named providers", () => {
  it("N1 are none unless named, and each is whole", async () => {
    assert.deepStrictEqual(await read({}), await read({ VIVIM_PROVIDERS_STATE_MAX: "1 minute" }))
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "vivim-secret-"))
    const file = path.join(folder, "secret")
    fs.writeFileSync(file, "  a secret\n")
    const all = await read({
      ...google,
      VIVIM_PROVIDER_WORK_ISSUER: "https://id.example/realms/work",
      VIVIM_PROVIDER_WORK_CLIENT_ID: "y",
      VIVIM_PROVIDER_WORK_LABEL: "Work",
      VIVIM_PROVIDER_WORK_SCOPES: "openid email",
      VIVIM_PROVIDER_WORK_CLIENT_SECRET_FILE: file
    })
    const [first, second] = all._tag === "Right" ? all.right : []
    assert.deepInclude(first, { id: "google", label: "accounts.google.com", scopes: "openid" })
    assert.deepInclude(second, { id: "work", label: "Work", scopes: "openid email" })
    assert.strictEqual(Redacted.value(second!.clientSecret), "a secret")
    assert.notInclude(JSON.stringify(all), "a secret")
    fs.rmSync(folder, { recursive: true })
    assert.include(await refusal({ VIVIM_PROVIDER_GOOGLE_CLIENT_SECRET_FILE: file }), file)
    assert.include(await refusal({ VIVIM_PROVIDER_GOOGLE_ISSUER: "http://id.lan" }), "VIVIM_PROVIDERS_PRIVATE")
    assert.include(
      await refusal({ VIVIM_PROVIDER_google_ISSUER: "https://a.example", VIVIM_PROVIDER_google_CLIENT_ID: "x" }),
      "Two"
    )
    assert.include(
      await refusal({ "VIVIM_PROVIDER_GO-O_ISSUER": "https://a.example", "VIVIM_PROVIDER_GO-O_CLIENT_ID": "x" }),
      "GO-O"
    )
    assert.strictEqual(await refusal({}), "none")
  })
})
