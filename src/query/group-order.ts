import { compareValues } from '../util/compare.ts'
import type { GroupAst } from './ast.ts'
import type { Values } from './condition.ts'
import { compareByKey } from './node.ts'
import { keyName } from './shape.ts'

/** The total order of groups: as asked, then by their keys. */
export function makeGroupOrder({ by, orderBy = [] }: GroupAst): (a: Values, b: Values) => number {
  const keys = orderBy.map((key) => ({ name: keyName(key), compare: compareByKey(key) }))
  const ties = by.map((key) => ({ name: keyName(key), compare: compareValues }))
  const all = [...keys, ...ties]
  return (a, b) => {
    for (const { name, compare } of all) {
      const order = compare(a[name], b[name])
      if (order !== 0) return order
    }
    return 0
  }
}
