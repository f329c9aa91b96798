/** The formats an import can find, in words. */
const names: Record<string, string> = {
  "chatgpt-export-classic": "ChatGPT export",
  "chatgpt-export-split": "ChatGPT export (2026)",
  "chatgpt-conversation-single": "One ChatGPT conversation",
  "claude-export": "Claude export",
  "claude-memories": "Claude memories",
  "claude-projects": "Claude projects",
  "markdown-transcript": "Markdown transcript"
}

export const formatName = (
  format: string | null
): string => (format === null ? "Not recognised yet" : names[format] ?? format)
