/** The name and the words about oneself; another window's change shows here unless one is just typing. */
import { type Accessor, createEffect, createSignal, on, Show } from "solid-js"
import type { Answer, Payload } from "../node/Calls.ts"
import { command, watch } from "../node/Node.ts"
import { Button } from "../ui/Button.tsx"
import { Field, LongField } from "../ui/Field.tsx"
import { sentenceOf, sentenceOfError } from "../ui/Notice.tsx"
import { toast } from "../ui/Toasts.tsx"

const bioMax = 4_000

/** As long as a did:key is, so that the form is as tall before the account is known as after. */
const someDid = `did:key:z6Mk${"0".repeat(44)}`

const Identity = (props: { readonly account: Answer<"WatchAccount"> | undefined }) => (
  <div class="mt-3 text-sm text-ink-faint" classList={{ invisible: props.account === undefined }}>
    <p class="truncate font-semibold">@{props.account?.handle ?? "owner"}</p>
    <p class="font-mono text-xs break-all">{props.account?.userId ?? someDid}</p>
  </div>
)

/** What is typed into the form; what is learnt of the account meanwhile is shown unless one is just typing. */
const createProfile = (known: Accessor<Answer<"WatchAccount"> | undefined>) => {
  const [name, setName] = createSignal("")
  const [bio, setBio] = createSignal("")
  const [saving, setSaving] = createSignal(false)
  const [touched, setTouched] = createSignal(false)
  createEffect(on(known, (account) => {
    if (account === undefined || touched()) return
    setName(account.displayName)
    setBio(account.bio)
  }))
  const save = async (event: SubmitEvent) => {
    event.preventDefault()
    const userId = known()?.userId
    if (userId === undefined) return
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
  return { name, setName, bio, setBio, saving, touched, touch: () => setTouched(true), save }
}

/** There before the account is known, and as tall: what is below it is not pushed away from under the finger. */
const Form = (props: { readonly account: Answer<"WatchAccount"> | undefined }) => {
  const profile = createProfile(() => props.account)
  const unknown = () => props.account === undefined
  return (
    <form
      class="max-w-lg"
      aria-busy={unknown()}
      onSubmit={(event) => void profile.save(event)}
      onInput={profile.touch}
    >
      <Field
        label="Name"
        required
        disabled={unknown()}
        maxlength={128}
        dir="auto"
        autocomplete="name"
        value={profile.name()}
        onInput={(event) => profile.setName(event.currentTarget.value)}
      />
      <LongField
        class="mt-4"
        label="About you"
        rows={3}
        disabled={unknown()}
        maxlength={bioMax}
        dir="auto"
        value={profile.bio()}
        onInput={(event) => profile.setBio(event.currentTarget.value)}
      />
      <Identity account={props.account} />
      <Button
        kind="primary"
        type="submit"
        class="mt-4"
        busy={profile.saving()}
        disabled={!profile.touched() || profile.name().trim() === ""}
      >
        Save
      </Button>
    </form>
  )
}

export const ProfileForm = () => {
  const { answer: account, refusal } = watch("WatchAccount", () => ({}))
  return (
    <Show when={refusal()} fallback={<Form account={account()} />}>
      {(refusal) => <p class="text-ink-soft">{sentenceOf(refusal())}</p>}
    </Show>
  )
}
