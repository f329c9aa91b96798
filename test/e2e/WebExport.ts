/** A small ChatGPT export to read in a browser: everything the client draws, and everything it must not do. */

interface Line {
  readonly id: string
  readonly parent: string | null
  readonly role: "user" | "assistant"
  readonly text: string
}

const conversation = (id: string, title: string, at: number, lines: ReadonlyArray<Line>, end: string) => ({
  id,
  conversation_id: id,
  title,
  create_time: at,
  update_time: at + lines.length,
  current_node: end,
  mapping: Object.fromEntries(lines.map((line, n) => [line.id, {
    id: line.id,
    parent: line.parent,
    children: lines.filter(({ parent }) => parent === line.id).map((child) => child.id),
    message: {
      id: line.id,
      author: { role: line.role, name: null, metadata: {} },
      create_time: at + n,
      content: { content_type: "text", parts: [line.text] },
      status: "finished_successfully",
      weight: 1,
      metadata: line.role === "assistant" ? { model_slug: "gpt-5" } : {},
      recipient: "all"
    }
  }]))
})

const answer = `## Two majorities

Any two quorums of size $q$ meet when

$$
2q > n
$$

\`\`\`ts
export const quorum = (nodes: number): number => Math.floor(nodes / 2) + 1
\`\`\`

| Nodes | Quorum |
|--:|--:|
| 5 | 3 |

- [x] proven
- [ ] drilled

See [the paper](https://raft.github.io/raft.pdf) and [the chart](sandbox:/mnt/data/chart.png).

![A chart](https://pictures.example/chart.png)`

/** What must stay text: each line would set \`window.pwned\` or ask for something if it ran. */
const hostile = [
  "<script>window.pwned = 1</script>",
  "<img src=x onerror=\"window.pwned = 2\">",
  "<iframe src=\"https://evil.example/\"></iframe>",
  "<svg onload=\"window.pwned = 3\"></svg>",
  "[one](javascript:window.pwned=4) [two](data:text/html,<script>window.pwned=5</script>) [three](/api/v1/account)",
  "![pixel](https://evil.example/pixel.png)",
  "<link rel=stylesheet href=https://evil.example/a.css><style>main{display:none}</style>",
  "$\\href{javascript:window.pwned=6}{click}$ $\\includegraphics{https://evil.example/x.png}$ $\\htmlStyle{position:fixed}{x}$",
  "```html\n<script>window.pwned = 7</script>\n```",
  "`<img src=x onerror=\"window.pwned = 8\">`"
].join("\n\n")

const at = 1_760_000_000

export const webExport = JSON.stringify([
  conversation("raft", "Majorities in a ledger", at, [
    { id: "q", parent: null, role: "user", text: "How do quorums meet?\nShortly, please." },
    { id: "a", parent: "q", role: "assistant", text: answer },
    { id: "b", parent: "q", role: "assistant", text: "In at least one node: **the witness**." },
    { id: "r", parent: "a", role: "user", text: "And with lanterns?" },
    { id: "s", parent: "r", role: "assistant", text: "Lanterns do not vote." }
  ], "s"),
  conversation("trap", "A page full of traps", at + 100, [
    { id: "q", parent: null, role: "user", text: hostile },
    { id: "a", parent: "q", role: "assistant", text: hostile }
  ], "a"),
  conversation("arabic", "خلاصة قصيرة", at + 200, [
    { id: "q", parent: null, role: "user", text: "هل يمكنك التلخيص؟" },
    { id: "a", parent: "q", role: "assistant", text: "**الخلاصة:** كل أغلبيتين تتقاطعان." }
  ], "a")
])
