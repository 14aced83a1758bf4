import { compileCondition } from '../query/condition.ts'
import type { ConditionAst, ExistsAst } from '../query/ast.ts'
import { describeCondition } from '../query/describe.ts'
import type { Explanation } from '../query/query.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Json } from '../util/json.ts'
import { makeExplanation } from './explain.ts'
import { Filter } from './filter.ts'
import { isKey } from '../query/key.ts'
import { type Input, nowhere, type Output } from './operator.ts'
import type { Scope } from './scope.ts'

/** Rows of a collection as they come and go. */
export interface Stream extends Input {
  /** Settles in this commit though no change was told: something deeper has found out something. */
  wake(): void
  /** Whether a row is among them; without it all rows of the collection that meet the condition are. */
  has?(id: string): boolean
}

/** What is to be matched. */
export interface MatchesOptions {
  readonly from: string
  readonly where: ConditionAst | undefined
  /** The rows to choose from; without them those of the collection. */
  readonly stream?: Stream
  /** How many streams deep in the scope they are wanted. */
  readonly deeper?: number
}

/** Rows that meet a condition, and whether a row of the collection is one of them. */
export interface Matches {
  readonly rows: Input
  /** The stream that the rows come by. */
  readonly stream: Stream
  holds(row: AnyRow): boolean
}

/** The rows of a collection that meet a condition, kept up. */
export function makeMatches(scope: Scope, { from, where, deeper = 0, stream = scope.tap(from, where, deeper) }: MatchesOptions): Matches {
  if (where === undefined) return { rows: stream, stream, holds: () => true }
  const terms = findExists(where)
  if (terms.length === 0) {
    const isMatch = compileCondition(where)
    return { rows: new Filter(stream, isMatch, () => describeCondition(where)), stream, holds: isMatch }
  }
  const matching = new Matching(scope, { from, where, terms, stream, deeper })
  return { rows: matching, stream, holds: (row) => matching.holds(row) }
}

interface MatchingOptions extends Required<MatchesOptions> {
  readonly where: ConditionAst
  readonly terms: readonly ExistsAst[]
}

/**
 * Lets rows pass that meet a condition with `exists` in it. It knows who is in: a row may come or leave because of a row elsewhere.
 * It looks at a row once per commit, when what lies deeper has settled.
 */
class Matching implements Input, Output {
  readonly #options: MatchingOptions
  readonly #presences: readonly Presence[]
  readonly #isMatch: (row: AnyRow) => boolean
  readonly #insideById = new Map<string, AnyRow>()
  readonly #dirtyById = new Map<string, AnyRow | undefined>()
  #output: Output = nowhere

  constructor(scope: Scope, options: MatchingOptions) {
    this.#options = options
    const presenceByTerm = new Map<ExistsAst, Presence>()
    for (const term of options.terms)
      presenceByTerm.set(term, findPresence(scope, term, { deeper: options.deeper + 1, onFlip: (key) => this.#flip(scope, term, key) }))
    this.#presences = [...presenceByTerm.values()]
    this.#isMatch = compileCondition(options.where, (term) => {
      const presence = presenceByTerm.get(term) as Presence
      return (row) => presence.has(row[term.hop.near])
    })
    for (const row of options.stream.rows()) if (this.#isMatch(row)) this.#insideById.set(row.id, row)
    options.stream.pipe(this)
  }

  holds({ id }: AnyRow): boolean {
    return this.#insideById.has(id)
  }

  pipe(output: Output): void {
    this.#output = output
  }

  rows(): readonly AnyRow[] {
    return [...this.#insideById.values()]
  }

  add(row: AnyRow): void {
    this.#dirtyById.set(row.id, row)
  }

  remove(row: AnyRow): void {
    this.#dirtyById.set(row.id, undefined)
  }

  edit(_before: AnyRow, after: AnyRow): void {
    this.#dirtyById.set(after.id, after)
  }

  settle(): void {
    for (const [id, row] of this.#dirtyById) this.#move(id, row && this.#isMatch(row) ? row : undefined)
    this.#dirtyById.clear()
    this.#output.settle()
  }

  explain(): Explanation {
    const inputs = [this.#options.stream.explain(), ...this.#presences.map((presence) => presence.explain())]
    return makeExplanation('filter', describeCondition(this.#options.where), { rows: this.#insideById.size, inputs })
  }

  #move(id: string, row: AnyRow | undefined): void {
    const before = this.#insideById.get(id)
    if (row) this.#insideById.set(id, row)
    else this.#insideById.delete(id)
    if (before && row) {
      if (before !== row) this.#output.edit(before, row)
    } else if (row) {
      this.#output.add(row)
    } else if (before) {
      this.#output.remove(before)
    }
  }

  // rows as the pool has them now: what the tap tells of them in this commit says the same
  #flip(scope: Scope, { hop }: ExistsAst, key: Json): void {
    const { from, stream } = this.#options
    for (const row of scope.source.pool.lookUp(from, hop.near, key)) if (stream.has?.(row.id) ?? true) this.#dirtyById.set(row.id, row)
    stream.wake()
  }
}

interface PresenceOptions {
  readonly deeper: number
  /** Hears of each value that became present, or is no longer, while the scope is open. */
  readonly onFlip: (key: Json) => void
}

// The branches of one `with` ask the same of all rows: they hold one presence together, from the first that opens to the last that closes.
function findPresence(scope: Scope, term: ExistsAst, { deeper, onFlip }: PresenceOptions): Presence {
  const depth = scope.depth + deeper
  const known = scope.commons.get(term) as Presence | undefined
  const presence = known?.depth === depth ? known : new Presence(scope.beside(), term, deeper)
  if (!known) scope.commons.set(term, presence)
  scope.add({
    open: (onBroken) => presence.hold(onFlip, onBroken),
    close: () => {
      if (presence.letGo(onFlip) && scope.commons.get(term) === presence) scope.commons.delete(term)
    },
  })
  return presence
}

/** How many matching rows have which value in a field. */
class Presence implements Output {
  readonly depth: number
  readonly #scope: Scope
  readonly #far: string
  readonly #matches: Matches
  readonly #countByKey = new Map<Json, number>()
  readonly #wasPresentByKey = new Map<Json, boolean>()
  readonly #brokenByHolder = new Map<(key: Json) => void, (error: unknown) => void>()

  constructor(scope: Scope, { hop, where }: ExistsAst, deeper: number) {
    this.#scope = scope
    this.depth = scope.depth + deeper
    this.#far = hop.far
    this.#matches = makeMatches(scope, { from: hop.collection, where, deeper })
    for (const row of this.#matches.rows.rows()) this.#count(row[hop.far], 1)
    this.#wasPresentByKey.clear()
    this.#matches.rows.pipe(this)
  }

  hold(onFlip: (key: Json) => void, onBroken: (error: unknown) => void): void {
    this.#brokenByHolder.set(onFlip, onBroken)
    if (this.#brokenByHolder.size > 1) return
    this.#scope.open((error) => {
      for (const tell of [...this.#brokenByHolder.values()]) tell(error)
    })
  }

  /** Whether nobody holds it any more: it is closed then, and hears of nothing. */
  letGo(onFlip: (key: Json) => void): boolean {
    this.#brokenByHolder.delete(onFlip)
    if (this.#brokenByHolder.size > 0) return false
    this.#scope.close()
    return true
  }

  has(key: Json | undefined): boolean {
    return key !== undefined && this.#countByKey.has(key)
  }

  add(row: AnyRow): void {
    this.#count(row[this.#far], 1)
  }

  remove(row: AnyRow): void {
    this.#count(row[this.#far], -1)
  }

  edit(before: AnyRow, after: AnyRow): void {
    if (before[this.#far] === after[this.#far]) return
    this.remove(before)
    this.add(after)
  }

  settle(): void {
    for (const [key, wasPresent] of this.#wasPresentByKey)
      if (wasPresent !== this.#countByKey.has(key)) for (const onFlip of this.#brokenByHolder.keys()) onFlip(key)
    this.#wasPresentByKey.clear()
  }

  explain(): Explanation {
    return makeExplanation('exists', `by ${this.#far}`, { rows: this.#countByKey.size, inputs: [this.#matches.rows.explain()] })
  }

  #count(key: Json | undefined, step: number): void {
    if (!isKey(key)) return
    const count = this.#countByKey.get(key) ?? 0
    if (!this.#wasPresentByKey.has(key)) this.#wasPresentByKey.set(key, count > 0)
    if (count + step === 0) this.#countByKey.delete(key)
    else this.#countByKey.set(key, count + step)
  }
}

function findExists(condition: ConditionAst): readonly ExistsAst[] {
  if (condition.op === 'exists') return [condition]
  return 'of' in condition ? condition.of.flatMap(findExists) : []
}
