import { TidemarkError } from '../errors.ts'
import { makeRowKey, type RowKey } from '../protocol/ids.ts'
import type { PlainAst } from '../query/ast.ts'
import { queryKey } from '../query/canonical.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Misses } from './loaded.ts'
import { makeOverlay, missing, type Overlay, type RowSource, type Writes } from './source.ts'

/** Who runs a mutation, where and when. */
export interface TxContext {
  readonly user: string | null
  readonly onServer: boolean
  readonly authoredAt: number
  readonly mutationId: string
  /** Whether the arguments were parsed where they were made, and need not be again. */
  readonly isParsed?: boolean
  /** Called by every call of `tx`: throws when the run has used up what it may use. */
  readonly check?: () => void
}

/** How a run reads one key: its value, or its existence alone. */
export type ReadKind = 'value' | 'existence'

/** What a transaction has done so far. */
export interface TxRecord {
  readonly reads: ReadonlyMap<RowKey, ReadKind>
  readonly questions: ReadonlyMap<string, PlainAst>
  readonly writes: Writes
  readonly misses: Misses
  /** Set by `reject` and by bounds; no catch in a mutator takes it back. */
  readonly failure: TidemarkError | undefined
}

/** Misses after which a round stops and loads them. */
export const missesPerRound = 1000

/** Reads and writes for all tables of one run, and notes what it read, asked, wrote and missed. */
export class Recorder implements TxRecord {
  readonly reads = new Map<RowKey, ReadKind>()
  readonly context: TxContext
  failure: TidemarkError | undefined
  readonly #own: Overlay
  // made when they are needed: most runs ask nothing and miss nothing
  #questions: Map<string, PlainAst> | undefined
  #misses: { readonly keys: Set<RowKey>; readonly questions: Map<string, PlainAst> } | undefined
  #isOver = false

  constructor(source: RowSource, context: TxContext) {
    this.#own = makeOverlay(source)
    this.context = context
  }

  get questions(): ReadonlyMap<string, PlainAst> {
    return this.#questions ?? noQuestions
  }

  get misses(): Misses {
    return this.#misses ?? noMisses
  }

  get writes(): Writes {
    return this.#own.writes
  }

  fail(error: TidemarkError): never {
    this.failure ??= error
    throw this.failure
  }

  /** The run is over: what it read and wrote stays as it is. */
  end(): void {
    this.#isOver = true
  }

  enter(): void {
    if (this.#isOver) throw makeTooLate()
    if (this.failure) throw this.failure
    if (this.context.check) this.#check(this.context.check)
    if (this.#misses && this.#misses.keys.size + this.#misses.questions.size >= missesPerRound) throw new RoundIsFull()
  }

  read(collection: string, id: string, kind: ReadKind): AnyRow | undefined {
    const key = makeRowKey(collection, id)
    if (!this.#own.writes.has(key) && this.reads.get(key) !== 'value') this.reads.set(key, kind)
    const found = this.#own.find(collection, id)
    if (found !== missing) return found
    this.#mustMisses().keys.add(key)
    return undefined
  }

  write(collection: string, id: string, row: AnyRow | undefined): void {
    this.#own.set(collection, id, row)
  }

  ask(ast: PlainAst): readonly AnyRow[] {
    this.enter()
    this.#questions ??= new Map()
    this.#questions.set(queryKey(ast.where ? { from: ast.from, where: ast.where } : { from: ast.from }), ast)
    const answer = this.#own.select(ast)
    if (answer !== missing) return answer
    const wanted = this.#own.widen(ast)
    this.#mustMisses().questions.set(queryKey(wanted), wanted)
    return []
  }

  #mustMisses(): { readonly keys: Set<RowKey>; readonly questions: Map<string, PlainAst> } {
    this.#misses ??= { keys: new Set(), questions: new Map() }
    return this.#misses
  }

  #check(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.fail(error as TidemarkError)
    }
  }
}

function makeTooLate(): TidemarkError {
  return new TidemarkError('misuse/write-outside-mutator', {
    message:
      'This transaction is over: its mutator has returned. Use `tx` and its tables inside that call alone, not in a promise, a timer or a later run.',
  })
}

/** Ends a round that missed enough; not an error, and never seen outside the run. */
export class RoundIsFull extends Error {}

const noQuestions: ReadonlyMap<string, PlainAst> = new Map()
const noMisses: Misses = { keys: new Set(), questions: noQuestions }
