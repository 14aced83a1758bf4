/** A stream of server-sent events to one reader. */
export interface EventStream {
  readonly stream: ReadableStream<Uint8Array>
  /** Sends one event. A reader who is late does not get it, but one event that stands for all it missed, as soon as it reads on. */
  send(data: string): void
  /** Keeps the stream awake. */
  beat(): void
  close: () => void
}

/** A stream of server-sent events (WHATWG HTML, §9.2) that never holds more than `lateBytes` for a reader who does not read. */
export function createEventStream({ makeLate, onEnd }: { readonly makeLate: () => string; readonly onEnd: () => void }): EventStream {
  const encoder = new TextEncoder()
  let isOpen = true
  let isLate = false
  let controller!: ReadableStreamDefaultController<Uint8Array>
  const end = (): void => {
    isOpen = false
    onEnd()
  }
  const write = (text: string): void => controller.enqueue(encoder.encode(text))
  const isFull = (): boolean => (controller.desiredSize ?? 0) <= 0
  const stream = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given
        // some hosts send no headers before the first byte
        write(': \n\n')
      },
      pull() {
        if (!isLate) return
        isLate = false
        write(toEvent(makeLate()))
      },
      cancel: end,
    },
    new ByteLengthQueuingStrategy({ highWaterMark: lateBytes }),
  )
  return {
    stream,
    send(data) {
      if (!isOpen) return
      if (isLate || isFull()) isLate = true
      else write(toEvent(data))
    },
    beat: () => void (isOpen && !isFull() && write(': \n\n')),
    close() {
      if (!isOpen) return
      end()
      controller.close()
    },
  }
}

const lateBytes = 64_000

function toEvent(data: string): string {
  return `data: ${data}\n\n`
}
