/** The empty library: an invitation, and how to get one's chats out of where they are. */
import { A } from "@solidjs/router"
import ShieldCheck from "lucide-solid/icons/shield-check"
import { DropZone } from "../import/DropZone.tsx"
import { HowToExport } from "../import/HowToExport.tsx"

export const FirstRun = () => (
  <div class="mx-auto max-w-2xl px-5 py-10 sm:py-16">
    <h1 class="font-serif text-3xl text-balance">Bring your conversations home</h1>
    <p class="mt-4 max-w-[58ch] text-read text-ink-soft">
      Everything you have asked and been told, from every assistant you have used, in one place that is yours: to find
      again, to read in peace, to keep.
    </p>
    <DropZone class="mt-8" />
    <p class="mt-4 flex items-center gap-2 text-sm text-ink-soft">
      <ShieldCheck size={16} aria-hidden="true" class="shrink-0 text-accent" />
      The file goes to your own node and nowhere else.
    </p>
    <HowToExport class="mt-10" />
    <p class="mt-8 text-sm text-ink-soft">
      Already imported from the command line? It will appear here by itself.{" "}
      <A href="/import" class="text-accent underline underline-offset-4">See running imports</A>
    </p>
  </div>
)
