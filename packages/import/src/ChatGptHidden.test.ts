/** Each rule that hides a node, by itself. */
import { assert, describe, it } from "vitest"
import { hiddenBecause } from "./ChatGptHidden.ts"
import { TestBench } from "./TestBench.ts"

const because = (role: string, more: { readonly [key: string]: unknown } = {}, type = "text") =>
  hiddenBecause(TestBench.node("a", null, role, { content_type: type, parts: [] }, more).message)

describe("ChatGptHidden", () => {
  it("V1 each rule hides by its own reason, and nothing else hides", () => {
    assert.strictEqual(hiddenBecause(null), "structure")
    assert.strictEqual(because("system"), "system")
    assert.strictEqual(because("tool"), "tool")
    assert.strictEqual(because("critic"), "author unknown")
    assert.strictEqual(because("user", { weight: 0 }), "weight 0")
    assert.strictEqual(
      because("assistant", { metadata: { is_visually_hidden_from_conversation: true } }),
      "visually hidden"
    )
    assert.strictEqual(because("assistant", { recipient: "python" }), "recipient python")
    assert.strictEqual(because("assistant", {}, "thoughts"), "reasoning")
    assert.strictEqual(because("assistant", {}, "reasoning_recap"), "reasoning")
    assert.strictEqual(because("user", {}, "user_editable_context"), "user context")
    assert.strictEqual(because("system", {}, "model_editable_context"), "model context")
    for (
      const shown of [
        because("user"),
        because("assistant"),
        because("user", { recipient: "python" }),
        because("assistant", { recipient: null, metadata: null, weight: 1 })
      ]
    ) {
      assert.isNull(shown)
    }
  })
})
