import type { Clock } from '../util/clock.ts'

/** The server's time as this device knows it, for stamping mutations. */
export interface ServerClock {
  /** Hears the `now` of an answer. */
  hear(now: number): void
  /** Goes on after the newest time that was known before a restart. */
  restore(newest: number): void
  /** A stamp for a mutation: never earlier than anything heard or stamped before, whatever the device's clock does. */
  stamp(): number
}

/** Starts from the device's own clock. */
export function makeServerClock(clock: Clock): ServerClock {
  let offset = 0
  let newest = 0
  return {
    hear(now) {
      offset = now - clock.now()
      newest = Math.max(newest, now)
    },
    restore(known) {
      newest = Math.max(newest, known)
    },
    stamp() {
      newest = Math.max(clock.now() + offset, newest + 1)
      return newest
    },
  }
}
