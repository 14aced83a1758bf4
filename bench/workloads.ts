import type { Workload } from './workload.ts'
import { mutationsToDisk } from './workloads/mutations-to-disk.ts'
import { mutationToView } from './workloads/mutation-to-view.ts'
import { firstLoad, firstLoadFromPglite, reload } from './workloads/places.ts'

/** All that is measured, in the order in which it is. */
export const workloads: readonly Workload[] = [mutationToView, mutationsToDisk, firstLoad, firstLoadFromPglite, reload]
