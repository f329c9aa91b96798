/** A button that copies a text, and says so. */
import Copy from "lucide-solid/icons/copy"
import { Button } from "./Button.tsx"
import { createCopy } from "./Copy.ts"

interface CopyButtonProps {
  readonly label: string
  readonly text: () => string
  readonly size?: "small" | "medium"
  readonly class?: string
}

export const CopyButton = (props: CopyButtonProps) => {
  const { copied, copy } = createCopy(() => props.text())
  return (
    <Button size={props.size ?? "medium"} class={props.class ?? ""} onClick={() => void copy()}>
      <Copy size={16} aria-hidden="true" />
      {copied() ? "Copied" : props.label}
    </Button>
  )
}
