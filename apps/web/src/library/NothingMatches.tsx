/** A filter that leaves nothing. */
import Archive from "lucide-solid/icons/archive"
import SearchX from "lucide-solid/icons/search-x"
import { Button } from "../ui/Button.tsx"
import { Notice } from "../ui/Notice.tsx"
import { type Filter, narrows } from "./Filters.ts"

export const NothingMatches = (props: { readonly filter: Filter; readonly clear: () => void }) => (
  <Notice
    title={narrows(props.filter) ? "No conversation matches" : "Nothing is archived"}
    icon={narrows(props.filter) ? <SearchX size={24} /> : <Archive size={24} />}
    action={<Button onClick={() => props.clear()}>Show the whole library</Button>}
  >
    {narrows(props.filter)
      ? "All parts of the filter have to hold. Take one away, or start over."
      : "Archive a conversation from its menu: it leaves the library, and stays in search."}
  </Notice>
)
