// A history that fails, made as small as it gets: whatever can go while it still fails in the same way, goes.
import type { QueryAst } from '../../../src/query/ast.ts'
import type { Json } from '../../../src/util/json.ts'
import type { History, Move, Step } from './history.ts'
import { type CollectionName, collections, type Tables } from './rows.ts'

/** Cuts a history down. `fails` tells whether what is left still fails as the whole did. */
export async function cutDown(history: History, fails: (history: History) => Promise<boolean>): Promise<History> {
  let best = history
  for (let size = Infinity; weigh(best) < size; ) {
    size = weigh(best)
    for (const cut of cuts) {
      let smaller = cut(best)
      for (let at = 0; at < smaller.length; ) {
        const next = smaller[at] as History
        if (await fails(next)) {
          best = next
          smaller = cut(best)
        } else at++
      }
    }
  }
  return best
}

function weigh(history: History): number {
  return JSON.stringify(history).length
}

/** All that a history is without one part of it: the place of the next part is the place of the one that went. */
type Cut = (history: History) => readonly History[]

const cuts: readonly Cut[] = [
  ({ questions, steps, ...rest }) =>
    questions.length === 1
      ? []
      : questions.map((one, at) => ({ ...rest, questions: [one], steps: steps.map((step) => onlyFor(step, at)) })),
  ...[16, 4, 1].map(
    (size): Cut =>
      (history) =>
        lessOf(history.steps, size).map((steps) => ({ ...history, steps })),
  ),
  (history) =>
    history.steps.flatMap((step, at) => {
      const less = [
        ...lessOf(step.writes, 1).map((writes) => ({ ...step, writes })),
        ...lessOf(step.moves, 1).map((moves) => ({ ...step, moves })),
      ]
      return less.map((one) => ({ ...history, steps: history.steps.with(at, one) }))
    }),
  ...[8, 1].map(
    (size): Cut =>
      (history) =>
        collections.flatMap((name) => lessOf(history.tables[name], size).map((rows) => withTable(history, name, rows))),
  ),
  (history) =>
    history.questions.flatMap((question, at) =>
      lessOfQuestion(question.ast).map((ast) => ({ ...history, questions: history.questions.with(at, { ...question, ast }) })),
    ),
  (history) =>
    collections.flatMap((name) =>
      history.tables[name].flatMap((row, at) =>
        lessOfFields(row).map((less) => withTable(history, name, history.tables[name].with(at, Object.freeze(less)))),
      ),
    ),
  (history) =>
    history.steps.flatMap((step, at) =>
      step.writes.flatMap((write, place) =>
        write.row
          ? lessOfFields(write.row).map((row) => ({
              ...history,
              steps: history.steps.with(at, { ...step, writes: step.writes.with(place, { ...write, row: Object.freeze(row) }) }),
            }))
          : [],
      ),
    ),
]

function onlyFor({ writes, moves }: Step, question: number): Step {
  const kept = moves.filter((move) => move.what === 'rest' || move.question === question)
  return { writes, moves: kept.map((move): Move => (move.what === 'rest' ? move : { ...move, question: 0 })) }
}

function withTable(history: History, name: CollectionName, rows: Tables[CollectionName]): History {
  return { ...history, tables: { ...history.tables, [name]: rows } }
}

// the list without `size` of its items, from the end
function lessOf<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  const starts = Array.from({ length: Math.ceil(list.length / size) }, (_, i) => i * size).reverse()
  return starts.map((start) => [...list.slice(0, start), ...list.slice(start + size)])
}

function lessOfFields<T extends object>(row: T): readonly T[] {
  return Object.keys(row).flatMap((field) => (field === 'id' ? [] : [withoutKey(row, field)]))
}

function withoutKey<T extends object>(value: T, key: string): T {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)) as T
}

const optional = ['where', 'after', 'offset', 'limit', 'with', 'select', 'want', 'having', 'nulls']
const lists = ['with', 'select', 'of', 'by']

// a question without one of its parts that nothing else refers to
function lessOfQuestion(ast: QueryAst): readonly QueryAst[] {
  return lessOfValue(ast as unknown as Json) as unknown as readonly QueryAst[]
}

function lessOfValue(value: Json): readonly Json[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((item: Json, at) => lessOfValue(item).map((less) => value.with(at, less)))
  const object = value as { readonly [key: string]: Json }
  const without = Object.keys(object).flatMap((key) => (isFree(object, key) ? [withoutKey(object, key) as Json] : []))
  const inner = Object.entries(object).flatMap(([key, held]) => [
    ...(Array.isArray(held) && isFreeList(object, key)
      ? lessOf(held as readonly Json[], 1).map((less): Json => ({ ...object, [key]: less }))
      : []),
    ...lessOfValue(held).map((less): Json => ({ ...object, [key]: less })),
  ])
  return [...without, ...unwrapped(object), ...inner]
}

function isFree(object: { readonly [key: string]: Json }, key: string): boolean {
  if (key === 'orderBy' || key === 'joins')
    return object.after === undefined && (key === 'orderBy' || !/"of":"/.test(JSON.stringify(object)))
  return optional.includes(key)
}

function isFreeList(object: { readonly [key: string]: Json }, key: string): boolean {
  if (key === 'orderBy') return object.after === undefined
  if (key === 'of') return object.op !== 'not'
  return lists.includes(key) && object[key] !== undefined && (object[key] as readonly Json[]).length > 1
}

// a condition in the place of the and, or, not around it
function unwrapped(object: { readonly [key: string]: Json }): readonly Json[] {
  return ['and', 'or', 'not'].includes(object.op as string) && Array.isArray(object.of) ? (object.of as readonly Json[]) : []
}
