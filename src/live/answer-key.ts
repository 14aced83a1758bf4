// What identifies a row of an answer that does not show it: a row's id may not be selected, a group has none.
const keyByRow = new WeakMap<object, string>()

/** Notes what identifies a row that a question made. */
export function keepKey<T extends object>(row: T, key: string): T {
  keyByRow.set(row, key)
  return row
}

/** What identifies a row of an answer among its others. */
export function keyOf(row: object): string {
  return keyByRow.get(row) ?? (row as { readonly id: string }).id
}

/** Whether a question made the row: it is no row of the pool. */
export function isMade(row: object): boolean {
  return keyByRow.has(row)
}
