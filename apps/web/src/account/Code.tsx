/** A code that is carried from one device to another: to be scanned, or to be copied. */
import { CopyButton } from "../ui/CopyButton.tsx"
import { LongField } from "../ui/Field.tsx"
import { QrCode } from "../ui/QrCode.tsx"

/** Where a scanned code leads: the page that lets devices in, on the device that scanned it. */
const addressOf = (code: string): string => `${location.origin}/settings/devices#add=${code}`

export const Code = (props: { readonly code: string }) => (
  <div class="mt-5">
    <QrCode
      text={addressOf(props.code)}
      label="QR code of this device"
      class="block aspect-square w-full border border-line"
    />
    <LongField
      class="mt-4"
      look="font-mono text-xs break-all"
      label="Or as text"
      readonly
      rows={2}
      spellcheck={false}
      value={props.code}
      onFocus={(event) => event.currentTarget.select()}
    />
    <CopyButton class="mt-2" label="Copy the code" text={() => props.code} />
  </div>
)

/** Compared by eye between two screens, so it is large and in groups. */
export const Comparison = (props: { readonly code: string }) => (
  <p class="mt-4 rounded-lg bg-accent-wash px-4 py-3 text-center">
    <span class="block text-sm text-ink-soft">Comparison code</span>
    <span class="mt-0.5 block font-mono text-xl tracking-[0.18em] text-accent-strong">{props.code}</span>
  </p>
)
