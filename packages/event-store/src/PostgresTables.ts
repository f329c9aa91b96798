/**
 * The event store's tables and its functions in PostgreSQL, as numbered migrations that only ever grow.
 *
 * M1  However many processes start at once on whatever database, each migration runs once and all processes come up.
 * M2  A database written by a newer version is refused, untouched.
 * M3  An event can be neither changed nor removed by a slip: both are refused unless an operator lifts the guard.
 *
 * One table, not partitioned: measured flat to 3 million events, and the cheapest when a head has to be looked up.
 * `private` is sealed, so it never compresses: kept out of line as it is. Rows stay inline up to a page.
 */

/** Two numbers nobody else in the database uses: "VIVI", and what is locked. */
export const locks = { space: 0x56495649, migrate: 1, append: 2, archive: 3 }

/** Whom to wake after a commit; the payload is the position the log has reached. */
export const channel = "vivim_event"

const tables = `
create table log (
  one boolean primary key default true check (one),
  id uuid not null default gen_random_uuid(),
  last_position bigint not null,
  last_hash bytea not null
) with (fillfactor = 10);
insert into log (last_position, last_hash) values (0, decode(repeat('00', 32), 'hex'));
comment on table log is 'Where the one log of this database stands. Written only under the append lock.';

create table event (
  position bigint not null,
  version bigint not null,
  at bigint not null,
  seq bigint,
  event_id uuid not null,
  schema_version smallint not null,
  stream text collate "C" not null,
  type text collate "C" not null,
  owner text collate "C" not null,
  previous_hash bytea not null,
  hash bytea not null,
  meta bytea not null,
  routing bytea not null,
  private bytea not null,
  log text collate "C",
  constraint event_position primary key (position),
  constraint event_place unique (stream, version),
  constraint event_once unique (event_id)
) with (toast_tuple_target = 8160);
alter table event alter column previous_hash set storage plain, alter column hash set storage plain,
  alter column meta set storage main, alter column routing set storage main, alter column private set storage external;
create index event_owner on event (owner, position);
comment on table event is 'All that has happened, in commit order. Only event_append writes here.';
comment on column event.at is 'Milliseconds since 1970-01-01T00:00Z, as stated and hashed.';
comment on column event.log is 'For a replicated event: the log it was stated in. Null for our own.';
comment on column event.seq is 'For a replicated event: its place in that log.';

create function event_guard() returns trigger language plpgsql as $$
begin
  raise exception 'events are append-only: % of table event is refused', lower(tg_op)
    using hint = 'An operator who must can: alter table event disable trigger event_guard.';
end $$;
create trigger event_guard before update or delete or truncate on event for each statement execute function event_guard();
`

/**
 * Appends what a round of the committer brings, whole streams or nothing of them, under one lock held to commit.
 * s_*: one entry per stream, where the committer believes it stands. e_*: one entry per event in the order of the log, e_ord its stream.
 * p_trusted: all heads were learned while the log stood at p_tail. If it still stands there they are true, and not looked up:
 * should one be wrong after all, the unique (stream, version) refuses the whole round, and it comes back with p_careful.
 * c_id, c_stream: ids and streams of appends about to be refused, to be looked up on the way.
 * o_told: null when all was kept and nothing was asked; else the true heads of refused streams, the places of taken ids, and where
 * the streams of appends about to be refused stand.
 */
const append = `
create function event_append(
  p_tail bigint, p_tail_hash bytea, p_trusted boolean, p_careful boolean,
  s_stream text[], s_version bigint[], s_hash bytea[],
  e_ord int[], e_stream text[], e_version bigint[], e_id uuid[], e_type text[], e_schema_version int[], e_owner text[], e_at bigint[],
  e_meta bytea[], e_routing bytea[], e_private bytea[], e_previous_hash bytea[], e_hash bytea[], c_id uuid[], c_stream text[],
  out o_base bigint, out o_tail_kept boolean, out o_told jsonb
) language plpgsql as $$
declare
  v_hash bytea;
  v_refused int[];
  v_heads jsonb;
  v_taken jsonb;
  v_stands jsonb;
  v_count bigint;
begin
  perform pg_advisory_xact_lock(${locks.space}, ${locks.append});
  select last_position, last_hash into o_base, v_hash from log;
  o_tail_kept := o_base = p_tail and v_hash = p_tail_hash;

  if not (o_tail_kept and p_trusted) or p_careful then
    select array_agg(s.ord), jsonb_agg(jsonb_build_array(s.ord, h.version, encode(h.hash, 'hex'))) into v_refused, v_heads
    from unnest(s_stream, s_version, s_hash) with ordinality s(stream, version, hash, ord)
    left join lateral (
      select version, hash from event where stream = s.stream order by stream desc, version desc limit 1
    ) h on true
    where coalesce(h.version, 0) <> s.version or h.hash <> s.hash;
  end if;

  if p_careful or cardinality(c_id) > 0 then
    select jsonb_agg(jsonb_build_array(t.event_id, t.stream, t.version, t.position, encode(t.hash, 'hex'))) into v_taken
    from unnest(case when p_careful then e_id || c_id else c_id end) i(id) join event t on t.event_id = i.id;
    select v_refused || array_agg(distinct e.ord) into v_refused
    from unnest(e_id, e_ord) e(id, ord)
    where p_careful and exists (select from event t where t.event_id = e.id);
  end if;

  if cardinality(c_stream) > 0 then
    select jsonb_object_agg(s.stream, coalesce(h.version, 0)) into v_stands
    from unnest(c_stream) s(stream)
    left join lateral (select version from event where stream = s.stream order by stream desc, version desc limit 1) h on true;
  end if;

  if v_refused is null then
    insert into event (position, version, at, event_id, schema_version, stream, type, owner, previous_hash, hash, meta, routing, private)
    select o_base + e.i, e.version, e.at, e.id, e.schema_version, e.stream, e.type, e.owner, e.previous_hash, e.hash, e.meta, e.routing, e.private
    from unnest(e_version, e_at, e_id, e_schema_version, e_stream, e_type, e_owner, e_previous_hash, e_hash, e_meta, e_routing, e_private)
      with ordinality e(version, at, id, schema_version, stream, type, owner, previous_hash, hash, meta, routing, private, i);
    v_count := cardinality(e_id);
    v_hash := e_hash[v_count];
  else
    with kept as (
      insert into event (position, version, at, event_id, schema_version, stream, type, owner, previous_hash, hash, meta, routing, private)
      select o_base + row_number() over (order by e.i), e.version, e.at, e.id, e.schema_version, e.stream, e.type, e.owner,
        e.previous_hash, e.hash, e.meta, e.routing, e.private
      from unnest(e_ord, e_version, e_at, e_id, e_schema_version, e_stream, e_type, e_owner, e_previous_hash, e_hash, e_meta, e_routing, e_private)
        with ordinality e(ord, version, at, id, schema_version, stream, type, owner, previous_hash, hash, meta, routing, private, i)
      where e.ord <> all (v_refused)
      returning position, hash
    )
    select count(*), (array_agg(hash order by position desc))[1] into v_count, v_hash from kept;
  end if;

  if v_count > 0 then
    update log set last_position = o_base + v_count, last_hash = v_hash;
    perform pg_notify('${channel}', (o_base + v_count)::text);
  end if;
  if v_refused is not null or v_taken is not null or v_stands is not null then
    o_told := jsonb_build_object('refused', v_refused, 'heads', v_heads, 'taken', v_taken, 'stands', v_stands);
  end if;
end $$;
`

/** The events of each category and type, in the order of the log: what a filter walks along (see PostgresFilter.ts). */
const byKind = "create index event_kind on event (split_part(stream, '/', 1), type, (position + 0))"

/** Says that the log does not stand where a round believes. */
export const elsewhere = "VE001"

/**
 * The first half of a round whose events come behind it by COPY, in the same transaction: nobody else appended since p_tail, so the
 * heads that were learned until then are true. Should one be wrong after all, the unique (stream, version) refuses the whole round.
 */
const advance = `
create function event_advance(p_tail bigint, p_tail_hash bytea, p_next bigint, p_next_hash bytea) returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(${locks.space}, ${locks.append});
  update log set last_position = p_next, last_hash = p_next_hash where last_position = p_tail and last_hash = p_tail_hash;
  if not found then
    raise exception 'the log does not stand at position %', p_tail using errcode = '${elsewhere}';
  end if;
  perform pg_notify('${channel}', p_next::text);
end $$;
`

/**
 * Archived ranges of the log (see PostgresArchive.ts). Their rows stay as markers: position, stream, version, id, kind, owner, time and
 * hash in the same indexes, so that every question is asked as before; what they carried lies in the segment. The guard lets by who
 * says that it is at just this, for the length of its transaction.
 */
const archive = `
create table event_segment (
  first bigint primary key,
  last bigint not null check (last >= first),
  name text collate "C" not null unique,
  bytes bigint not null,
  index_at bigint not null,
  digest bytea not null,
  archived_at timestamptz not null default now()
);
comment on table event_segment is 'Ranges of the log whose payload lies in the segment store. Written with the markers, in one transaction.';

create or replace function event_guard() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and current_setting('vivim.archive', true) = 'on' then
    return null;
  end if;
  raise exception 'events are append-only: % of table event is refused', lower(tg_op)
    using hint = 'An operator who must can: alter table event disable trigger event_guard.';
end $$;
`

/** What each number brought. A published one is never edited. */
export const migrations: ReadonlyArray<{ readonly name: string; readonly sql: string }> = [
  { name: "the log and its events", sql: tables },
  { name: "event_append", sql: append },
  { name: "events by category and type", sql: byKind },
  { name: "event_advance", sql: advance },
  { name: "archived ranges", sql: archive }
]
