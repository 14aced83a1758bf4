/** Our names for signals-core: the only file that imports it. */
export { batch, computed, effect, type ReadonlySignal, type Signal, signal, untracked } from '@preact/signals-core'
