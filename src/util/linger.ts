import type { Clock } from './clock.ts'

/** Something that is open while it is held, and a moment longer, so that letting go and holding again costs nothing. */
export interface Linger {
  hold(): void
  letGo(): void
  /** Ends the moment: what nobody holds closes now, the rest when its last holder lets go. */
  close(): void
}

/** What lingers, and for how long. */
export interface LingerOptions {
  readonly clock: Clock
  readonly ms: number
  open(): void
  close(): void
}

/** Opens for the first holder and closes `ms` after the last. */
export function createLinger({ clock, ms, open, close }: LingerOptions): Linger {
  let holders = 0
  let isOpen = false
  let isEnding = false
  let waiting: AbortController | undefined

  const shut = (): void => {
    waiting?.abort()
    waiting = undefined
    if (!isOpen) return
    isOpen = false
    close()
  }
  const wait = async (): Promise<void> => {
    const mine = new AbortController()
    waiting = mine
    await clock.sleep(ms, mine.signal)
    if (waiting === mine) shut()
  }
  return {
    hold() {
      holders++
      waiting?.abort()
      waiting = undefined
      if (isOpen) return
      isOpen = true
      open()
    },
    letGo() {
      holders--
      if (holders > 0) return
      if (isEnding) shut()
      else void wait()
    },
    close() {
      isEnding = true
      if (holders === 0) shut()
    },
  }
}
