/**
 * The languages code is coloured in, each loaded when a message first holds it.
 *
 * G1  A language is found by its name or any of its usual short names, in any case; one that is not known is shown under its own name.
 */
interface Language {
  readonly id: string
  readonly name: string
  readonly also: ReadonlyArray<string>
  readonly load: () => Promise<{ readonly default: unknown }>
}

const language = (id: string, name: string, also: ReadonlyArray<string>, load: Language["load"]): Language => ({
  id,
  name,
  also,
  load
})

const languages: ReadonlyArray<Language> = [
  language("bash", "Shell", ["sh", "shell", "zsh", "console", "shellscript"], () => import("shiki/langs/bash.mjs")),
  language("c", "C", ["h"], () => import("shiki/langs/c.mjs")),
  language("clojure", "Clojure", ["clj"], () => import("shiki/langs/clojure.mjs")),
  language("cpp", "C++", ["c++", "cc", "hpp"], () => import("shiki/langs/cpp.mjs")),
  language("csharp", "C#", ["c#", "cs"], () => import("shiki/langs/csharp.mjs")),
  language("css", "CSS", [], () => import("shiki/langs/css.mjs")),
  language("dart", "Dart", [], () => import("shiki/langs/dart.mjs")),
  language("diff", "Diff", ["patch"], () => import("shiki/langs/diff.mjs")),
  language("docker", "Dockerfile", ["dockerfile"], () => import("shiki/langs/docker.mjs")),
  language("elixir", "Elixir", ["ex", "exs"], () => import("shiki/langs/elixir.mjs")),
  language("go", "Go", ["golang"], () => import("shiki/langs/go.mjs")),
  language("graphql", "GraphQL", ["gql"], () => import("shiki/langs/graphql.mjs")),
  language("haskell", "Haskell", ["hs"], () => import("shiki/langs/haskell.mjs")),
  language("html", "HTML", ["htm"], () => import("shiki/langs/html.mjs")),
  language("ini", "INI", ["properties", "conf"], () => import("shiki/langs/ini.mjs")),
  language("java", "Java", [], () => import("shiki/langs/java.mjs")),
  language("javascript", "JavaScript", ["js", "mjs", "cjs", "node"], () => import("shiki/langs/javascript.mjs")),
  language("json", "JSON", ["json5", "jsonc"], () => import("shiki/langs/json.mjs")),
  language("jsx", "JSX", [], () => import("shiki/langs/jsx.mjs")),
  language("julia", "Julia", ["jl"], () => import("shiki/langs/julia.mjs")),
  language("kotlin", "Kotlin", ["kt", "kts"], () => import("shiki/langs/kotlin.mjs")),
  language("latex", "LaTeX", ["tex"], () => import("shiki/langs/latex.mjs")),
  language("lua", "Lua", [], () => import("shiki/langs/lua.mjs")),
  language("makefile", "Makefile", ["make"], () => import("shiki/langs/makefile.mjs")),
  language("markdown", "Markdown", ["md"], () => import("shiki/langs/markdown.mjs")),
  language("mermaid", "Mermaid", [], () => import("shiki/langs/mermaid.mjs")),
  language("nix", "Nix", [], () => import("shiki/langs/nix.mjs")),
  language("perl", "Perl", ["pl"], () => import("shiki/langs/perl.mjs")),
  language("php", "PHP", [], () => import("shiki/langs/php.mjs")),
  language("powershell", "PowerShell", ["ps1", "pwsh"], () => import("shiki/langs/powershell.mjs")),
  language("python", "Python", ["py", "python3"], () => import("shiki/langs/python.mjs")),
  language("r", "R", [], () => import("shiki/langs/r.mjs")),
  language("ruby", "Ruby", ["rb"], () => import("shiki/langs/ruby.mjs")),
  language("rust", "Rust", ["rs"], () => import("shiki/langs/rust.mjs")),
  language("scala", "Scala", [], () => import("shiki/langs/scala.mjs")),
  language("sql", "SQL", ["postgresql", "psql", "sqlite", "mysql"], () => import("shiki/langs/sql.mjs")),
  language("svelte", "Svelte", [], () => import("shiki/langs/svelte.mjs")),
  language("swift", "Swift", [], () => import("shiki/langs/swift.mjs")),
  language("toml", "TOML", [], () => import("shiki/langs/toml.mjs")),
  language("tsx", "TSX", [], () => import("shiki/langs/tsx.mjs")),
  language("typescript", "TypeScript", ["ts", "mts", "cts"], () => import("shiki/langs/typescript.mjs")),
  language("vue", "Vue", [], () => import("shiki/langs/vue.mjs")),
  language("xml", "XML", ["svg", "xhtml"], () => import("shiki/langs/xml.mjs")),
  language("yaml", "YAML", ["yml"], () => import("shiki/langs/yaml.mjs")),
  language("zig", "Zig", [], () => import("shiki/langs/zig.mjs"))
]

const byName = new Map(languages.flatMap((one) => [one.id, ...one.also].map((name) => [name, one])))

export const languageOf = (written: string): Language | undefined => byName.get(written.toLowerCase())

/** What is written over the code; nothing for code that says no language. */
export const languageName = (written: string): string => languageOf(written)?.name ?? written.slice(0, 40)
