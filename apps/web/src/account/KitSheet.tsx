/** The recovery kit as one keeps it: on the screen, printed, copied or as a file. */
import FileDown from "lucide-solid/icons/file-down"
import Printer from "lucide-solid/icons/printer"
import { For } from "solid-js"
import { Button } from "../ui/Button.tsx"
import { CopyButton } from "../ui/CopyButton.tsx"
import { saveFile } from "../ui/SaveFile.ts"
import { dayName } from "../ui/Times.ts"

interface KitSheetProps {
  readonly handle: string
  readonly kit: ReadonlyArray<string>
}

/** What stands beside the groups wherever they are kept. */
const warning = [
  "Whoever has these groups can take this account over and read what is in it.",
  "Keep them where you keep your passport. Without a device and without this kit, nobody can open the account again."
]

/** The kit as text: what it is for stands beside it, for whoever finds it in a drawer years later. */
const kitText = ({ handle, kit }: KitSheetProps): string =>
  [
    "VIVIM recovery kit",
    "",
    `Account: @${handle}`,
    `Node: ${location.origin}`,
    `Made: ${dayName(Date.now())}`,
    "",
    ...[0, 1, 2].map((row) => kit.slice(row * 5, row * 5 + 5).join("-")),
    "",
    ...warning,
    ""
  ].join("\n")

const save = (props: KitSheetProps): void =>
  saveFile(`vivim-recovery-kit-${props.handle}.txt`, kitText(props), "text/plain")

/** One group with its number, so that paper and screen are compared group by group. */
const Group = (props: { readonly at: number; readonly text: string }) => (
  <li class="flex items-baseline gap-2 rounded-md bg-sunken px-2.5 py-2 print:bg-transparent print:px-0 print:py-1">
    <span class="w-4 text-end text-2xs text-ink-faint tabular-nums">{props.at}</span>
    <span class="font-mono text-base tracking-wider">{props.text}</span>
  </li>
)

export const KitSheet = (props: KitSheetProps) => (
  <section aria-label="Recovery kit" class="mt-5">
    <div class="hidden print:mb-6 print:block">
      <p class="font-serif text-2xl">VIVIM recovery kit</p>
      <p class="mt-2">Account @{props.handle} on {location.host}, made {dayName(Date.now())}</p>
    </div>
    <ol class="grid grid-cols-2 gap-1.5 min-[26rem]:grid-cols-3 print:grid-cols-3 print:gap-x-8">
      <For each={props.kit}>{(text, at) => <Group at={at() + 1} text={text} />}</For>
    </ol>
    <p class="mt-4 hidden print:block">{warning.join(" ")}</p>
    <div class="mt-4 flex flex-wrap gap-2 print:hidden">
      <Button onClick={() => window.print()}>
        <Printer size={16} aria-hidden="true" />Print
      </Button>
      <Button onClick={() => save(props)}>
        <FileDown size={16} aria-hidden="true" />Download
      </Button>
      <CopyButton label="Copy" text={() => kitText(props)} />
    </div>
  </section>
)
