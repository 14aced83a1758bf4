import { TidemarkError } from '../errors.ts'

/** A row has at most one row of the target: the one whose id stands in the row's own `field`. */
export interface One<T extends string = string, F extends string = string> {
  readonly kind: 'one'
  readonly target: T
  readonly field: F
}

/** A row has all rows of the target whose `field` holds its id. */
export interface Many<T extends string = string, F extends string = string> {
  readonly kind: 'many'
  readonly target: T
  readonly field: F
}

/** A row has all rows of the target that rows of a third collection link it with. */
export interface Through<T extends string = string, L extends string = string, A extends string = string, B extends string = string> {
  readonly kind: 'through'
  readonly target: T
  readonly link: L
  /** The field of a link that holds the row's id. */
  readonly from: A
  /** The field of a link that holds the target's id. */
  readonly to: B
}

/** How rows of one collection refer to rows of another. */
export type Relation = One | Many | Through

/** Declares that a row refers to one row of `target` by its own `field`: `shelf: one('shelves', 'shelfId')`. */
export function one<const T extends string, const F extends string>(target: T, field: F): One<T, F> {
  return { kind: 'one', target, field }
}

/** Declares that rows of `target` refer to a row by their `field`, or that rows of a third collection link both. Raises `misuse/schema`. */
export function many<const T extends string, const F extends string>(target: T, field: F): Many<T, F>
export function many<const T extends string, const L extends string, const A extends string, const B extends string>(
  target: T,
  through: { readonly link: L; readonly from: A; readonly to: B },
): Through<T, L, A, B>
export function many(target: string, by: string | { readonly link: string; readonly from: string; readonly to: string }): Many | Through {
  if (typeof by === 'string') return { kind: 'many', target, field: by }
  if (typeof by === 'object' && by !== null && [by.link, by.from, by.to].every((name) => typeof name === 'string'))
    return { kind: 'through', target, link: by.link, from: by.from, to: by.to }
  throw new TidemarkError('misuse/schema', {
    details: { path: target },
    message: `many('${target}', …) takes the field that refers back, or { link, from, to }. Correct the second argument.`,
  })
}
