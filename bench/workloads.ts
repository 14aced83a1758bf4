import type { Workload } from './workload.ts'
import { counts } from './workloads/counts.ts'
import { joinedView } from './workloads/joined-view.ts'
import { manyMoreQueries, manyQueries } from './workloads/many-queries.ts'
import { memory } from './workloads/memory.ts'
import { mutationsToDisk } from './workloads/mutations-to-disk.ts'
import { mutationToLargeView, mutationToView } from './workloads/mutation-to-view.ts'
import { firstLoad, firstLoadFromPglite, reload } from './workloads/places.ts'

/** All that is measured, in the order in which it is. */
export const workloads: readonly Workload[] = [
  mutationToView,
  mutationToLargeView,
  manyQueries,
  manyMoreQueries,
  joinedView,
  counts,
  memory,
  mutationsToDisk,
  firstLoad,
  firstLoadFromPglite,
  reload,
]
