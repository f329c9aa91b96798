/** Setting an authenticator up: its secret is scanned or typed, a code confirms it, and the recovery codes are shown once. */
import { createSignal, Show } from "solid-js"
import { createDoing } from "../account/Doing.ts"
import { ask } from "../node/Node.ts"
import { Button } from "../ui/Button.tsx"
import { Dialog } from "../ui/Dialog.tsx"
import { Form } from "../ui/Form.tsx"
import { QrCode } from "../ui/QrCode.tsx"
import { CodeField, codeIn, problemWith } from "./CodeField.tsx"
import { RecoveryCodes } from "./RecoveryCodes.tsx"

interface Begun {
  readonly meansId: string
  readonly uri: string
}

/** The secret by itself, in groups one can type from. */
const secretOf = (uri: string): string =>
  (new URL(uri).searchParams.get("secret") ?? "").replaceAll(/(.{4})(?=.)/g, "$1 ")

const Scan = (props: Begun & { readonly onConfirmed: (codes: ReadonlyArray<string>) => void }) => {
  const { busy, doing, problem } = createDoing(problemWith("totp"))
  const confirm = (code: string) =>
    doing(async () => props.onConfirmed((await ask("ConfirmTotp", { meansId: props.meansId, code })).recoveryCodes))
  return (
    <Form onTyped={(typed) => void confirm(codeIn(typed("code")))}>
      <p class="text-ink-soft">Scan this with your authenticator, or type the secret into it.</p>
      <QrCode
        text={props.uri}
        label="QR code for your authenticator"
        class="mx-auto mt-4 block size-48 border border-line"
      />
      <p class="mt-3 text-center font-mono text-sm tracking-wide break-words">{secretOf(props.uri)}</p>
      <CodeField means="totp" problem={problem()} />
      <Button kind="primary" type="submit" busy={busy()} class="mt-4 w-full">Confirm</Button>
    </Form>
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
        {(codes) => <RecoveryCodes codes={codes()} onClose={props.onClose} />}
      </Show>
    </Dialog>
  )
}
