/** The name and the words about oneself; another window's change shows here unless one is just typing. */
import { createEffect, createSignal, Match, on, Switch } from "solid-js"
import type { Answer, Payload } from "../node/Calls.ts"
import { command, watch } from "../node/Node.ts"
import { Button } from "../ui/Button.tsx"
import { Late, Stroke } from "../ui/Late.tsx"
import { sentenceOf, sentenceOfError } from "../ui/Notice.tsx"
import { toast } from "../ui/Toasts.tsx"

const bioMax = 4_000
const field = "mt-1.5 block w-full text-base font-normal rounded-md border border-edge bg-raised px-3 py-2.5"

const Form = (props: { readonly account: Answer<"WatchAccount"> }) => {
  const [name, setName] = createSignal("")
  const [bio, setBio] = createSignal("")
  const [saving, setSaving] = createSignal(false)
  const [touched, setTouched] = createSignal(false)
  createEffect(on(() => props.account, (account) => {
    if (touched()) return
    setName(account.displayName)
    setBio(account.bio)
  }))
  const save = async (event: SubmitEvent) => {
    event.preventDefault()
    const { userId } = props.account
    setSaving(true)
    try {
      await command("ChangeProfile", {
        userId,
        displayName: name().trim() as Payload<"ChangeProfile">["displayName"],
        bio: bio()
      })
      setTouched(false)
      toast("Saved.")
    } catch (error) {
      toast(sentenceOfError(error), { kind: "trouble" })
    } finally {
      setSaving(false)
    }
  }
  return (
    <form class="max-w-lg" onSubmit={(event) => void save(event)} onInput={() => setTouched(true)}>
      <label class="block text-sm font-semibold">
        Name
        <input
          required
          maxlength={128}
          dir="auto"
          autocomplete="name"
          value={name()}
          onInput={(event) => setName(event.currentTarget.value)}
          class={field}
        />
      </label>
      <label class="mt-4 block text-sm font-semibold">
        About you
        <textarea
          rows={3}
          maxlength={bioMax}
          dir="auto"
          value={bio()}
          onInput={(event) => setBio(event.currentTarget.value)}
          class={field}
        />
      </label>
      <p class="mt-3 text-sm break-all text-ink-faint">
        <span class="font-semibold">@{props.account.handle}</span>, {props.account.userId}
      </p>
      <Button
        kind="primary"
        type="submit"
        class="mt-4"
        busy={saving()}
        disabled={!touched() || name().trim() === ""}
      >
        Save
      </Button>
    </form>
  )
}

const Waiting = () => (
  <Late>
    <div class="space-y-4">
      <Stroke class="w-1/2" />
      <Stroke />
    </div>
  </Late>
)

export const ProfileForm = () => {
  const { answer: account, refusal } = watch("WatchAccount", () => ({}))
  return (
    <Switch fallback={<Waiting />}>
      <Match when={refusal()}>{(refusal) => <p class="text-ink-soft">{sentenceOf(refusal())}</p>}</Match>
      <Match when={account()}>{(account) => <Form account={account()} />}</Match>
    </Switch>
  )
}
