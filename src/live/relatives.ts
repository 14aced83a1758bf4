import type { WithAst } from '../query/ast.ts'
import type { Explanation } from '../query/query.ts'
import type { AnyRow } from '../schema/row.ts'
import type { Branch, MakeBranch } from './branch.ts'
import { makeExplanation } from './explain.ts'
import { isKey, type Key } from '../query/key.ts'
import type { Scope } from './scope.ts'

/** What relatives work with. */
export interface RelativesParts {
  readonly scope: Scope
  readonly makeBranch: MakeBranch
  /** Told, within a commit, where what some rows have has changed. */
  readonly onChange: () => void
}

/** What one `with` brings: for each value by which rows meet, one branch, shared by all rows that have it. */
export class Relatives {
  /** What a row has that meets nothing. */
  readonly none: undefined | readonly never[]
  readonly #with: WithAst
  readonly #parts: RelativesParts
  readonly #slotsByKey = new Map<Key, Slot>()
  #round = 0
  #used = 0
  #onBroken: ((error: unknown) => void) | undefined

  constructor(one: WithAst, parts: RelativesParts) {
    this.#with = one
    this.#parts = parts
    this.none = one.hop.isOne && !one.link ? undefined : Object.freeze([])
    parts.scope.add({
      open: (onBroken) => {
        this.#onBroken = onBroken
        for (const { branch } of this.#slotsByKey.values()) branch.open(onBroken)
      },
      close: () => {
        this.#onBroken = undefined
        for (const { branch } of this.#slotsByKey.values()) branch.close()
      },
    })
  }

  /** From here to `end` all rows are gone through. */
  begin(): void {
    this.#round++
    this.#used = 0
  }

  of(row: AnyRow): Branch | undefined {
    const key = row[this.#with.hop.near]
    if (!isKey(key)) return undefined
    const slot = this.#slotsByKey.get(key) ?? this.#make(key)
    if (slot.round !== this.#round) {
      slot.round = this.#round
      this.#used++
    }
    return slot.branch
  }

  /** Closes what no row wants any more. */
  end(): void {
    if (this.#used === this.#slotsByKey.size) return
    for (const [key, { branch, round }] of this.#slotsByKey) {
      if (round === this.#round) continue
      branch.close()
      this.#slotsByKey.delete(key)
    }
  }

  // all branches of a relation are alike: one is drawn
  explain(): readonly Explanation[] {
    const [first] = this.#slotsByKey.values()
    const detail = `${this.#with.as}, ${this.#slotsByKey.size} ${this.#slotsByKey.size === 1 ? 'time' : 'times'}`
    return first ? [makeExplanation('branch', detail, { inputs: [first.branch.explain()] })] : []
  }

  #make(key: Key): Slot {
    const { scope, makeBranch, onChange } = this.#parts
    const branch = makeBranch(this.#with, { outer: scope, key, onChange })
    const slot: Slot = { branch, round: 0 }
    this.#slotsByKey.set(key, slot)
    if (this.#onBroken) branch.open(this.#onBroken)
    return slot
  }
}

interface Slot {
  readonly branch: Branch
  /** The last round in which a row wanted it. */
  round: number
}
