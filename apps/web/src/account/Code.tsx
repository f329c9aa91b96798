/** A code that is carried from one device to another: to be scanned, or to be copied. */
import Copy from "lucide-solid/icons/copy"
import { createSignal, lazy, Suspense } from "solid-js"
import { announce } from "../ui/Announcer.tsx"
import { Button } from "../ui/Button.tsx"

const QrCode = lazy(() => import("../ui/QrCode.tsx"))

/** Where a scanned code leads: the page that lets devices in, on the device that scanned it. */
const addressOf = (code: string): string => `${location.origin}/settings/devices#add=${code}`

export const Code = (props: { readonly code: string }) => {
  const [copied, setCopied] = createSignal(false)
  const copy = () =>
    navigator.clipboard.writeText(props.code).then(() => {
      setCopied(true)
      announce("Copied")
    }, () => announce("The browser does not let this page copy"))
  return (
    <div class="mt-5">
      <Suspense fallback={<div class="mx-auto aspect-square w-full rounded-md bg-sunken" />}>
        <QrCode
          text={addressOf(props.code)}
          label="QR code of this device"
          class="block w-full border border-line"
        />
      </Suspense>
      <label class="mt-4 block text-sm font-semibold">
        Or as text
        <textarea
          readonly
          rows={2}
          spellcheck={false}
          class="mt-1.5 block w-full resize-none rounded-md border border-edge bg-paper px-3 py-2 font-mono text-xs font-normal break-all"
          onFocus={(event) => event.currentTarget.select()}
        >
          {props.code}
        </textarea>
      </label>
      <Button class="mt-2" onClick={() => void copy()}>
        <Copy size={16} aria-hidden="true" />
        {copied() ? "Copied" : "Copy the code"}
      </Button>
    </div>
  )
}

/** Compared by eye between two screens, so it is large and in groups. */
export const Comparison = (props: { readonly code: string }) => (
  <p class="mt-4 rounded-lg bg-accent-wash px-4 py-3 text-center">
    <span class="block text-sm text-ink-soft">Comparison code</span>
    <span class="mt-0.5 block font-mono text-xl tracking-[0.18em] text-accent-strong">{props.code}</span>
  </p>
)
