/** An authenticator in a browser: Chromium's own virtual one, which verifies whoever is there without asking. */
import type { Visitor } from "./Browser.ts"

/** Plugs one in. `hasPrf`: whether its passkeys give keys. */
export const plugIn = async ({ context, page }: Visitor, hasPrf: boolean) => {
  const browser = await context.newCDPSession(page)
  await browser.send("WebAuthn.enable")
  const { authenticatorId } = await browser.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      hasPrf
    }
  })
  return {
    unplug: () => browser.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId }),
    passkeys: async () => (await browser.send("WebAuthn.getCredentials", { authenticatorId })).credentials
  }
}

/** Whatever this browser has kept for the page is gone; what lies on an authenticator is not in the browser. */
export const wipe = async ({ context, page }: Visitor): Promise<void> => {
  const { origin } = new URL(page.url())
  // Nobody is at work there while it goes.
  await page.goto("about:blank")
  const browser = await context.newCDPSession(page)
  await browser.send("Storage.clearDataForOrigin", { origin, storageTypes: "all" })
  await page.goto(origin)
}
