/** Sign-in by a provider in the web client: linked, left, entered again by it, and what its word does not open. */
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import type { Visitor } from "./Browser.ts"
import { freePort } from "./NodeProcess.ts"
import { knowing, startProvider } from "./ProviderProcess.ts"
import { codeOf, createAccount, isIn, openNode, settings } from "./WebAccount.ts"
import { openWebNode } from "./WebNode.ts"

const port = await freePort()
const provider = `http://127.0.0.1:${port}`
const web = openWebNode({ env: { ...openNode, ...knowing(port) } })
let stopProvider: (() => Promise<void>) | undefined

beforeAll(async () => {
  stopProvider = await startProvider(port, web.node.origin)
}, 180_000)

afterAll(async () => {
  await stopProvider?.()
})

/** Somebody who will go to the provider: the one other origin their browser may ask. */
const arrive = async (options: Parameters<typeof web.browser.visit>[0] = {}): Promise<Visitor> => {
  const visitor = await web.browser.visit(options)
  visitor.expect(new RegExp(`asked of ${provider}/`))
  return visitor
}

/** Says who one is, on the provider's own page. */
const sayName = async ({ page }: Visitor, name: string): Promise<void> => {
  await page.getByRole("heading", { name: "Who are you?" }).waitFor()
  assert.strictEqual(new URL(page.url()).origin, provider)
  await page.getByLabel("Name").fill(name)
  await page.getByRole("button", { name: "Continue" }).click()
}

const link = async (visitor: Visitor, name: string): Promise<void> => {
  await settings(visitor, "Security")
  await visitor.page.getByRole("button", { name: "Link Local" }).click()
  await sayName(visitor, name)
  await visitor.page.getByText(`Local · ${name}@provider.example is linked.`).waitFor()
}

const enter = async (visitor: Visitor, name: string): Promise<void> => {
  await visitor.page.getByRole("button", { name: "Continue with Local" }).click()
  await sayName(visitor, name)
}

const isLocked = ({ page }: Visitor) => page.getByRole("heading", { name: "Your archive is locked" }).waitFor()

const pictures = process.env["VIVIM_WEB_PICTURES"]

const looksWell = async (visitor: Visitor, name: string): Promise<void> => {
  assert.deepStrictEqual(await visitor.violations(), [], name)
  assert.isAtMost(await visitor.overflow(), 0, name)
  if (pictures !== undefined) await visitor.page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true })
}

describe("a provider", () => {
  it("is linked, and lets its user in again, to what is not locked; a device opens the rest, and unlinking ends it", async () => {
    const [ada, elsewhere] = [await arrive(), await arrive({ dark: true })]
    await createAccount(ada, "ada")
    await link(ada, "ada")
    assert.strictEqual(ada.page.url(), `${web.node.origin}/settings/security`, "nothing of it stays in the address")
    await ada.page.getByRole("list", { name: "Linked providers" }).getByText("Local · ada@provider.example").waitFor()
    await looksWell(ada, "provider-linked")
    await settings(ada, "General")
    await ada.page.getByRole("button", { name: "Sign out" }).click()
    await ada.page.getByRole("dialog").getByRole("button", { name: "Sign out", exact: true }).click()
    // The provider remembers her, and sends her back at once.
    await ada.page.getByRole("button", { name: "Continue with Local" }).click()
    await isIn(ada)
    await isLocked(ada)
    await ada.page.getByText("You are signed in by a provider, which has no key of yours.").waitFor()
    await settings(ada, "General")
    await ada.page.getByRole("button", { name: "Sign out" }).click()
    await ada.page.getByRole("dialog").getByRole("button", { name: "Sign out", exact: true }).click()

    await enter(elsewhere, "ada")
    await isLocked(elsewhere)
    await looksWell(elsewhere, "provider-locked")
    await ada.page.getByRole("button", { name: "Sign in as ada" }).click()
    await isIn(ada)
    await elsewhere.page.getByRole("heading", { name: "Your archive is locked" }).waitFor({ state: "detached" })
    await elsewhere.page.reload()
    await isIn(elsewhere)

    await settings(elsewhere, "Security")
    await elsewhere.page.getByRole("button", { name: "Unlink Local · ada@provider.example" }).click()
    const dialog = elsewhere.page.getByRole("dialog")
    await dialog.getByText("by a provider's word, which is not enough for this").waitFor()
    await looksWell(elsewhere, "provider-not-enough")
    await elsewhere.page.keyboard.press("Escape")

    elsewhere.expect(/status of 401/)
    await settings(ada, "Security")
    await ada.page.getByRole("list", { name: "Sessions" }).getByText("by a linked provider").first().waitFor()
    await ada.page.getByRole("button", { name: "Unlink Local · ada@provider.example" }).click()
    await ada.page.getByText("Unlinked. Sessions it opened are over.").waitFor()
    await elsewhere.page.getByRole("alert").getByText("This session is over").waitFor()
    await ada.page.getByRole("list", { name: "Security log" }).getByText("Signed in with a linked provider").first()
      .waitFor()
    await ada.leave()
    await elsewhere.leave()
  })

  it("lets nobody in who has linked it to no account, and says what to do", async () => {
    const stranger = await arrive({ width: 320, height: 640 })
    stranger.expect(/status of 404/)
    await stranger.page.getByRole("button", { name: "Continue with Local" }).waitFor()
    await looksWell(stranger, "provider-welcome")
    await enter(stranger, "stranger")
    await stranger.page.getByRole("heading", { name: "You are not signed in" }).waitFor()
    await stranger.page.getByRole("alert").getByText("No account here has linked this.").waitFor()
    assert.strictEqual(new URL(stranger.page.url()).search, "")
    await looksWell(stranger, "provider-not-linked")
    await stranger.page.getByRole("button", { name: "See all ways in" }).click()
    await stranger.page.getByRole("button", { name: /^Create account/ }).waitFor()
    await stranger.leave()
  })

  it("takes nobody in by a way back that was begun in another browser", async () => {
    // Her own page takes up nothing: what came back is good still.
    const keeping = async (context: Visitor["context"]) =>
      void await context.route("**/sign-in/provider/return", (route) => route.abort())
    const [thief, victim] = [await arrive({ prepare: keeping }), await arrive()]
    thief.expect(/Failed to load|ERR_FAILED/)
    await createAccount(thief, "mallory")
    await link(thief, "mallory")
    await settings(thief, "General")
    await thief.page.getByRole("button", { name: "Sign out" }).click()
    await thief.page.getByRole("dialog").getByRole("button", { name: "Sign out", exact: true }).click()
    const coming = thief.page.waitForRequest(/\/sign-in\/with\/local\?/)
    await thief.page.getByRole("button", { name: "Continue with Local" }).click()
    const wayBack = (await coming).url()
    await thief.page.getByRole("heading", { name: "You are not signed in" }).waitFor()
    await victim.page.goto(wayBack)
    await victim.page.getByRole("alert").getByText("This was not begun in this browser").waitFor()
    // Nor where they were on their way themselves.
    await victim.page.getByRole("button", { name: "See all ways in" }).click()
    await victim.page.getByRole("button", { name: "Continue with Local" }).click()
    await victim.page.getByRole("heading", { name: "Who are you?" }).waitFor()
    victim.expect(/status of 401/)
    await victim.page.goto(wayBack)
    await victim.page.getByRole("alert").getByText("meant for another browser").waitFor()
    await victim.leave()
    await thief.leave()
  })

  it("is asked for a second factor on arrival, where the account has one", async () => {
    const [grace, elsewhere] = [await arrive(), await arrive({ width: 320, height: 640, dark: true })]
    const { page } = grace
    await createAccount(grace, "grace")
    await link(grace, "grace")
    await page.getByRole("button", { name: "Set up an authenticator" }).click()
    const dialog = page.getByRole("dialog")
    const secret = await dialog.locator("p.font-mono").innerText()
    await dialog.getByLabel("Six digits").fill(codeOf(secret))
    await dialog.getByRole("button", { name: "Confirm" }).click()
    const code = await dialog.getByRole("list", { name: "Recovery codes" }).getByRole("listitem").first().innerText()
    await dialog.getByRole("button", { name: "I have kept them" }).click()
    await enter(elsewhere, "grace")
    const asked = elsewhere.page.getByRole("dialog")
    await asked.getByText("Your account asks for more than your provider's word.").waitFor()
    await looksWell(elsewhere, "provider-factor")
    await asked.getByText("Recovery code", { exact: true }).click()
    await asked.getByLabel("One of your recovery codes").fill(code)
    await asked.getByRole("button", { name: "Confirm" }).click()
    await asked.waitFor({ state: "detached" })
    await isIn(elsewhere)
    await elsewhere.leave()
    await grace.leave()
  })
})
