/** Setting an authenticator up: its secret is scanned or typed, a code confirms it, and the recovery codes are shown once. */
import { createSignal, For, lazy, Show, Suspense } from "solid-js"
import { sentenceOf } from "../account/Sentences.ts"
import { Refused } from "../node/Calls.ts"
import { ask } from "../node/Node.ts"
import { Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { Field } from "../ui/Field.tsx"

const QrCode = lazy(() => import("../ui/QrCode.tsx"))

interface Begun {
  readonly meansId: string
  readonly uri: string
}

/** The secret by itself, in groups one can type from. */
const secretOf = (uri: string): string =>
  (new URL(uri).searchParams.get("secret") ?? "").replaceAll(/(.{4})(?=.)/g, "$1 ")

const Scan = (props: Begun & { readonly onConfirmed: (codes: ReadonlyArray<string>) => void }) => {
  const [busy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<string>()
  const confirm = async (event: SubmitEvent) => {
    event.preventDefault()
    const code = String(new FormData(event.currentTarget as HTMLFormElement).get("code")).replaceAll(/\s/g, "")
    setBusy(true)
    try {
      props.onConfirmed((await ask("ConfirmTotp", { meansId: props.meansId, code })).recoveryCodes)
    } catch (error) {
      setProblem(
        error instanceof Refused && error.refusal._tag === "NotSignedIn"
          ? "That is not the code of just now. See that your phone's clock is right, and type the next one."
          : sentenceOf(error)
      )
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(event) => void confirm(event)}>
      <p class="text-ink-soft">Scan this with your authenticator, or type the secret into it.</p>
      <Suspense fallback={<div class="mx-auto mt-4 size-48 rounded-md bg-sunken" />}>
        <QrCode
          text={props.uri}
          label="QR code for your authenticator"
          class="mx-auto mt-4 block size-48 border border-line"
        />
      </Suspense>
      <p class="mt-3 text-center font-mono text-sm tracking-wide break-words">{secretOf(props.uri)}</p>
      <Field
        class="mt-4"
        label="Six digits from your authenticator"
        name="code"
        required
        autocomplete="one-time-code"
        inputmode="numeric"
        maxlength={10}
        problem={problem()}
      />
      <Button kind="primary" type="submit" busy={busy()} class="mt-4 w-full">Confirm</Button>
    </form>
  )
}

const Codes = (props: { readonly codes: ReadonlyArray<string>; readonly onClose: () => void }) => {
  const [copied, setCopied] = createSignal(false)
  return (
    <>
      <p class="text-ink-soft">
        Each of these counts once in place of your phone. They are shown this one time: keep them where you keep your
        kit.
      </p>
      <ul aria-label="Recovery codes" class="mt-4 grid grid-cols-2 gap-1.5">
        <For each={props.codes}>
          {(code) => <li class="rounded-md bg-sunken px-3 py-2 text-center font-mono text-sm break-all">{code}</li>}
        </For>
      </ul>
      <div class="mt-6 flex flex-wrap justify-end gap-2">
        <Button
          onClick={() =>
            void navigator.clipboard.writeText(props.codes.join("\n")).then(() => setCopied(true), () => {})}
        >
          {copied() ? "Copied" : "Copy"}
        </Button>
        <Button kind="primary" onClick={() => props.onClose()}>I have kept them</Button>
      </div>
    </>
  )
}

export const AuthenticatorDialog = (props: Begun & { readonly onClose: () => void }) => {
  const [codes, setCodes] = createSignal<ReadonlyArray<string>>()
  return (
    <Dialog
      open
      title={codes() === undefined ? "Set up an authenticator" : "Your recovery codes"}
      onClose={props.onClose}
    >
      <Show when={codes()} fallback={<Scan meansId={props.meansId} uri={props.uri} onConfirmed={setCodes} />}>
        {(codes) => <Codes codes={codes()} onClose={props.onClose} />}
      </Show>
    </Dialog>
  )
}
