/** What becomes of the account's keys after a device was removed, in words, and what is left to be done by hand. */
import { A } from "@solidjs/router"
import { createEffect, Match, on, Show, Switch } from "solid-js"
import { watch } from "../node/Node.ts"
import { Button } from "../ui/Button.tsx"
import { Problem } from "../ui/Problem.tsx"
import { exchange, exchangeKeys } from "./Exchange.ts"

/** The address of the page that prints a new kit. */
export const newKitPath = "/settings/security/kit"

const look = "mt-4 max-w-[60ch] rounded-md px-3 py-2.5 text-sm"

const KitFirst = () => (
  <div class={`${look} bg-warn-wash`}>
    <p>
      A device was removed, and the keys it knew still count. This browser does not know your recovery kit: new keys
      would leave the kit behind, and it would open nothing any more. Print a new kit, and the keys are exchanged right
      after.
    </p>
    <A href={newKitPath} class="mt-2 inline-block py-1 font-semibold text-accent underline underline-offset-4">
      Print a new recovery kit
    </A>
  </div>
)

const failed = () => {
  const now = exchange()
  return now.at === "failed" ? now.problem : undefined
}

export const ExchangeStatus = () => {
  const vault = watch("WatchVault", () => ({}))
  // What its owner locked on purpose stays locked.
  createEffect(on(() => vault.answer()?.state, (state) => state === "unlocked" && void exchangeKeys(false)))
  return (
    <>
      <div role="status" class="empty:hidden">
        <Switch>
          <Match when={exchange().at === "work"}>
            <p class={`${look} bg-sunken`}>The keys of your account are being exchanged…</p>
          </Match>
          <Match when={vault.answer()?.rekeying}>
            {(now) => (
              <p class={`${look} bg-sunken`}>
                What is private is being put under the new key: {now().done} of {now().total} done.
              </p>
            )}
          </Match>
          <Match when={exchange().at === "done"}>
            <p class={`${look} bg-accent-wash`}>
              The keys of your account were exchanged. What removed devices and old kits knew of them opens nothing here
              any more.
            </p>
          </Match>
          <Match when={exchange().at === "kit"}>
            <KitFirst />
          </Match>
        </Switch>
      </div>
      <Problem
        problem={failed() === undefined
          ? undefined
          : `The keys of your account could not be exchanged, so what a removed device knew of them still counts. ${failed()} It is tried again when what is private is opened next.`}
      />
      <Show when={failed()}>
        <Button size="small" class="mt-3" onClick={() => void exchangeKeys()}>Exchange the keys now</Button>
      </Show>
    </>
  )
}
