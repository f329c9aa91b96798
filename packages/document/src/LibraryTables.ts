/** The tables of one user's library. Change a line here and the view's version must rise: files remember their tables. */
import { tokenizer } from "./SearchText.ts"

export const tables: ReadonlyArray<string> = [
  // Where no date is known, `sorted_at` is the moment of the import: it orders these among each other, and is shown nowhere.
  // Of its three titles the one the owner gave wins over the export's, and that over the first words; `title` is the winner.
  `CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    source_id TEXT,
    import_id TEXT,
    title TEXT NOT NULL,
    title_derived INTEGER NOT NULL,
    given_title TEXT,
    source_title TEXT,
    model TEXT,
    project TEXT,
    created_at INTEGER,
    updated_at INTEGER,
    sorted_at INTEGER NOT NULL,
    dated INTEGER NOT NULL AS (coalesce(updated_at, created_at) IS NOT NULL),
    leaf TEXT,
    shown INTEGER NOT NULL,
    branches INTEGER NOT NULL,
    starred INTEGER NOT NULL,
    archived INTEGER NOT NULL,
    archived_at_source INTEGER NOT NULL,
    warnings TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 0
  )`,
  // Read backwards this is the newest first, and what has no date after all that have one; the other one is the oldest first.
  "CREATE INDEX conversations_newest ON conversations (dated, sorted_at)",
  "CREATE INDEX conversations_oldest ON conversations (dated DESC, sorted_at)",
  "CREATE INDEX conversations_by_time ON conversations (sorted_at)",

  `CREATE TABLE tags (
    conversation INTEGER NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (conversation, tag)
  ) WITHOUT ROWID`,
  "CREATE INDEX tags_by_name ON tags (tag)",

  // Thin, so that a tree of ten thousand nodes is read without their words. A number is a row of the full-text index.
  `CREATE TABLE messages (
    number INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    id TEXT NOT NULL,
    parent TEXT,
    role TEXT NOT NULL,
    author TEXT,
    model TEXT,
    at INTEGER,
    time INTEGER NOT NULL,
    hidden TEXT,
    hash BLOB NOT NULL,
    UNIQUE (conversation, id)
  )`,

  // How many messages there are: numbers have gaps, and counting rows takes as long as there are many.
  "CREATE TABLE archive (one INTEGER PRIMARY KEY CHECK (one = 1), messages INTEGER NOT NULL)",
  "INSERT INTO archive VALUES (1, 0)",

  // `text` is what search reads. `blocks` is null when the message is that one text and nothing else, as most are.
  `CREATE TABLE bodies (
    number INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    blocks TEXT
  )`,

  `CREATE TABLE units (
    message INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    block INTEGER NOT NULL,
    type TEXT NOT NULL,
    "start" INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    language TEXT,
    hash BLOB NOT NULL,
    PRIMARY KEY (message, ordinal)
  ) WITHOUT ROWID`,

  // Hidden messages have a column of their own: the usual search never meets them, and counts words without them.
  // `marks` is what is asked of a message beside its words, as words: the month, nearly, the role and the provider. So the index
  // itself finds the newest of the many messages a common word is in, and passes over those a filter excludes.
  `CREATE VIRTUAL TABLE words USING fts5(shown, hidden, marks, content = '', tokenize = '${tokenizer}')`,
  // Merging sixteen segments at a time instead of four: a fifth less CPU for an import, and searches do not notice.
  "INSERT INTO words (words, rank) VALUES ('automerge', 16)",
  "INSERT INTO words (words, rank) VALUES ('crisismerge', 64)",
  // Room to gather the words of some thousand messages before they are written: large batches cost a quarter less.
  "INSERT INTO words (words, rank) VALUES ('hashsize', 4000000)",

  `CREATE VIRTUAL TABLE titles USING fts5(title, tags, prefix = '1 2 3', tokenize = '${tokenizer}')`,
  "INSERT INTO titles (titles, rank) VALUES ('secure-delete', 1)"
]
