/** Where an export is given in: by dropping it (anywhere in the window), or by choosing a file or a folder. */
import { useNavigate } from "@solidjs/router"
import FileArchive from "lucide-solid/icons/file-archive"
import { Button } from "../ui/Button.tsx"
import { toast } from "../ui/Toasts.tsx"
import { readChosen } from "./Drop.ts"
import { takeIn } from "./Uploads.ts"

export const DropZone = (props: { readonly class?: string }) => {
  const navigate = useNavigate()
  let files!: HTMLInputElement
  let folder!: HTMLInputElement
  const take = (input: HTMLInputElement) => {
    const chosen = input.files === null ? [] : readChosen(input.files)
    input.value = ""
    if (chosen.length === 0) return
    if (takeIn(chosen) === 0) toast("There was nothing to import in it.", { kind: "trouble" })
    else navigate("/import")
  }
  return (
    <div
      class={`flex flex-col items-center rounded-xl border-2 border-dashed border-edge/50 bg-raised px-6 py-10 text-center ${
        props.class ?? ""
      }`}
    >
      <FileArchive size={34} strokeWidth={1.5} aria-hidden="true" class="text-accent" />
      <p class="mt-4 font-serif text-lg">Drop an export here</p>
      <p class="mt-1 max-w-[46ch] text-sm text-ink-soft">
        A zip as the provider sent it, the folder you unpacked, a conversations.json, or transcripts in Markdown. What
        it is will be recognised by what is in it.
      </p>
      <div class="mt-5 flex flex-wrap justify-center gap-2">
        <Button kind="primary" onClick={() => files.click()}>Choose files</Button>
        <Button onClick={() => folder.click()}>Choose a folder</Button>
      </div>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        aria-label="Files to import"
        onChange={(event) => take(event.currentTarget)}
      />
      <input
        ref={(element) => {
          folder = element
          element.webkitdirectory = true
        }}
        type="file"
        hidden
        aria-label="Folder to import"
        onChange={(event) => take(event.currentTarget)}
      />
    </div>
  )
}
