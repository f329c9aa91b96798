/** The name and the words about oneself; another window's change shows here unless one is just typing. */
import { createEffect, createSignal, on, Show } from "solid-js"
import type { Payload } from "../node/Calls.ts"
import { command, watch } from "../node/Node.ts"
import { Button } from "../ui/Button.tsx"
import { Late, Stroke } from "../ui/Late.tsx"
import { sentenceOf, sentenceOfError } from "../ui/Notice.tsx"
import { toast } from "../ui/Toasts.tsx"

const bioMax = 4_000
const field = "mt-1.5 w-full rounded-md border border-edge bg-raised px-3 py-2.5"

export const ProfileForm = () => {
  const { answer: account, refusal } = watch("WatchAccount", () => ({}))
  const [name, setName] = createSignal("")
  const [bio, setBio] = createSignal("")
  const [saving, setSaving] = createSignal(false)
  const [touched, setTouched] = createSignal(false)
  createEffect(on(account, (account) => {
    if (account === undefined || touched()) return
    setName(account.displayName)
    setBio(account.bio)
  }))
  const save = async (event: SubmitEvent) => {
    event.preventDefault()
    const { userId } = account()!
    setSaving(true)
    try {
      await command("ChangeProfile", { userId, displayName: name().trim() as Payload<"ChangeProfile">["displayName"], bio: bio() })
      setTouched(false)
      toast("Saved.")
    } catch (error) {
      toast(sentenceOfError(error), { kind: "trouble" })
    } finally {
      setSaving(false)
    }
  }
  return (
    <Show
      when={account()}
      fallback={
        <Show when={refusal()} fallback={<Late><div class="space-y-4"><Stroke class="w-1/2" /><Stroke /></div></Late>}>
          {(refusal) => <p class="text-ink-soft">{sentenceOf(refusal())}</p>}
        </Show>
      }
    >
      {(account) => (
        <form class="max-w-lg" onSubmit={(event) => void save(event)} onInput={() => setTouched(true)}>
          <label class="text-sm font-semibold" for="name">Name</label>
          <input
            id="name"
            required
            maxlength={128}
            dir="auto"
            autocomplete="name"
            value={name()}
            onInput={(event) => setName(event.currentTarget.value)}
            class={field}
          />
          <label class="mt-4 block text-sm font-semibold" for="bio">About you</label>
          <textarea
            id="bio"
            rows={3}
            maxlength={bioMax}
            dir="auto"
            value={bio()}
            onInput={(event) => setBio(event.currentTarget.value)}
            class={field}
          />
          <p class="mt-3 text-sm break-all text-ink-faint">
            <span class="font-semibold">@{account().handle}</span>, {account().userId}
          </p>
          <Button kind="primary" type="submit" class="mt-4" busy={saving()} disabled={!touched() || name().trim() === ""}>Save</Button>
        </form>
      )}
    </Show>
  )
}
